import type { StoreCase } from "../case.ts";
import { appendCases } from "./append-cases.ts";
import { batchCases } from "./batch-cases.ts";
import { damageCases } from "./damage-cases.ts";
import { declaredCases, closeCases } from "./declared-cases.ts";
import { documentCases } from "./document-cases.ts";
import { errorCases } from "./error-cases.ts";
import { exactnessCases } from "./exactness-cases.ts";
import { exclusionCases } from "./exclusion-cases.ts";
import { fairnessCases } from "./fairness-cases.ts";
import { fenceCases } from "./fence-cases.ts";
import { followCases } from "./follow-cases.ts";
import { fullDiskCases } from "./full-disk-cases.ts";
import { leaseCases } from "./lease-cases.ts";
import { leaseLossCases } from "./lease-loss-cases.ts";
import { limitCases } from "./limit-cases.ts";
import { mergeCases } from "./merge-cases.ts";
import { orderCases } from "./order-cases.ts";
import { refusalCases } from "./refusal-cases.ts";
import { releaseCases } from "./release-cases.ts";
import { revisionCases } from "./revision-cases.ts";
import { schemaCases } from "./schema-cases.ts";
import { survivalCases } from "./survival-cases.ts";
import { tokenCases } from "./token-cases.ts";
import { transactCases } from "./transact-cases.ts";
import { transactRewriteCases } from "./transact-rewrite-cases.ts";
import { transactRivalCases } from "./transact-rival-cases.ts";

/** Every example, by promise. */
export const allCases: readonly StoreCase[] = [
  ...exclusionCases,
  ...leaseCases,
  ...leaseLossCases,
  ...releaseCases,
  ...fairnessCases,
  ...refusalCases,
  ...documentCases,
  ...revisionCases,
  ...mergeCases,
  ...survivalCases,
  ...fenceCases,
  ...tokenCases,
  ...exactnessCases,
  ...limitCases,
  ...batchCases,
  ...orderCases,
  ...appendCases,
  ...followCases,
  ...damageCases,
  ...transactCases,
  ...transactRewriteCases,
  ...transactRivalCases,
  ...errorCases,
  ...schemaCases,
  ...fullDiskCases,
  ...declaredCases,
  ...closeCases,
];
