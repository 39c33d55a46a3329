import { documentMutants } from "./document-mutants.ts";
import { lockMutants } from "./lock-mutants.ts";
import { logMutants } from "./log-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { storeMutants } from "./store-mutants.ts";
import { valueMutants } from "./value-mutants.ts";

/** Every store that is broken on purpose. */
export const allMutants: readonly Mutant[] = [
  ...lockMutants,
  ...documentMutants,
  ...valueMutants,
  ...logMutants,
  ...storeMutants,
];
