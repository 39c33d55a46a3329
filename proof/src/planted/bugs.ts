import { diskBugs } from "./disk-bugs.ts";
import { domainBugs } from "./domain-bugs.ts";
import { lockBugs } from "./lock-bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { storeBugs } from "./store-bugs.ts";
import { waitingBugs } from "./waiting-bugs.ts";

/** Every bug that is planted. */
export const plantedBugs: readonly PlantedBug[] = [
  ...diskBugs,
  ...lockBugs,
  ...waitingBugs,
  ...storeBugs,
  ...domainBugs,
];
