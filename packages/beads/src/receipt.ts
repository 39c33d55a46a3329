import type { Durability, Receipt } from "@flockwork/core";
import type { Issue } from "./issue.ts";

/**
 * What every write resolves to: it happened, and survives what `durability` names. A write that throws changed nothing, unless
 * it is a `CommitUncertainError`.
 */
export interface BeadsReceipt extends Receipt {
  /** Names the content of the issue file after the write. */
  readonly revision: string;
  readonly durability: Durability;
  /** The issues that are not what they were, in the order in which they were changed. */
  readonly changedIds: readonly string[];
}

/** What a write of one issue resolves to. */
export interface IssueReceipt extends BeadsReceipt {
  /** The issue right after the write. `revisionOf(issue)` goes with the next one as `expectedRevision`. */
  readonly issue: Issue;
}
