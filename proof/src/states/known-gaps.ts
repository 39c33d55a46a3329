/** What is known to go wrong where POSIX is taken at its word. Counted apart, by name, and never silently. */
import { AssertionError } from "node:assert/strict";
import { StoreError } from "../harness/core.ts";
import type { CrashState } from "./crash-states.ts";
import { root } from "./event.ts";
import type { Trace } from "./trace.ts";

/** When the power went. */
export interface Moment {
  readonly traced: Trace;
  readonly acknowledged: boolean;
}

export interface Gap {
  readonly name: string;
  readonly why: string;
  covers(state: CrashState, moment: Moment): boolean;
}

/** Whether it is about what was found: no gap makes a call fail by an error of the language. */
export function isAboutContent(error: unknown): boolean {
  if (error instanceof AssertionError || error instanceof StoreError) return true;
  return error instanceof Error && error.name === "Error" && error.message.startsWith("found ");
}

const recordName = /(?:^|\/)\.[0-9a-f]{32}\.intent$/;

export const knownGaps: readonly Gap[] = [
  {
    name: "names_out_of_order",
    why: "the record of a transact reached the disk before the links and the staged names beside it, or a removal before it did not: names of one directory are taken to keep their order until it is synced, as ext4 and XFS keep it",
    covers: ({ entries, isInOrder }, { acknowledged }) =>
      !acknowledged && !isInOrder && entries.some(({ path }) => recordName.test(path)),
  },
  {
    name: "directory_of_the_dead",
    why: "somebody died who had made a directory and not synced its name: whoever finds it there acknowledges what is written into it",
    covers: ({ entries }, { traced }) =>
      traced.hasDied &&
      traced.disk.namesNow(root).has("deep") &&
      !entries.some(({ path }) => path.startsWith("deep")),
  },
];
