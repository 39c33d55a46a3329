import { dropInCalls } from "./drop-in-calls.ts";
import { publicCalls, type PublicCall } from "./public-calls.ts";
import { tendingCalls } from "./tending-calls.ts";
import { widerCalls } from "./wider-calls.ts";

/** Every call that is given a path, but those that are spared. */
export const everyCall: readonly PublicCall[] = [
  ...publicCalls,
  ...widerCalls,
  ...dropInCalls,
  ...tendingCalls,
];
