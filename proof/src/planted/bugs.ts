import { regressions } from "../../regressions/all.ts";
import { plantedAgain } from "../../regressions/regression.ts";
import { diskBugs } from "./disk-bugs.ts";
import { domainBugs } from "./domain-bugs.ts";
import { lockBugs } from "./lock-bugs.ts";
import type { PlantedBug } from "./planted-bug.ts";
import { storeBugs } from "./store-bugs.ts";
import { waitingBugs } from "./waiting-bugs.ts";

/** Bugs of all kinds that the proof must see. */
export const plantedBugs: readonly PlantedBug[] = [
  ...diskBugs,
  ...lockBugs,
  ...waitingBugs,
  ...storeBugs,
  ...domainBugs,
];

/** The old code of what the proof found once. */
export const oldBugs: readonly PlantedBug[] = plantedAgain(regressions);
