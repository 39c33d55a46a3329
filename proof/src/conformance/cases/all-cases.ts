import type { StoreCase } from "../case.ts";
import { damageCases } from "./damage-cases.ts";
import { closeCases, declaredCases } from "./declared-cases.ts";
import { documentCases } from "./document-cases.ts";
import { errorCases } from "./error-cases.ts";
import { fairnessCases } from "./fairness-cases.ts";
import { fenceCases } from "./fence-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { lockCases } from "./lock-cases.ts";
import { appendCases, batchCases } from "./log-cases.ts";
import { transactCases } from "./transact-cases.ts";
import { exactnessCases, limitCases, survivalCases } from "./value-cases.ts";

/** Every example, by promise. */
export const allCases: readonly StoreCase[] = [
  ...lockCases,
  ...fairnessCases,
  ...leaseCases,
  ...documentCases,
  ...survivalCases,
  ...fenceCases,
  ...exactnessCases,
  ...limitCases,
  ...batchCases,
  ...appendCases,
  ...damageCases,
  ...transactCases,
  ...errorCases,
  ...declaredCases,
  ...closeCases,
];
