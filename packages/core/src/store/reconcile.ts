import { isDeepStrictEqual } from "node:util";
import { RevisionConflictError, type ConflictingVersions } from "../errors.ts";
import type { Reconciled } from "../document/document-job.ts";
import type { MergeRule } from "./store-document.ts";
import { mergeFields } from "./merge-fields.ts";

/** Checks a rule, where it enters. @throws {TypeError} */
export function checkMerge(merge: unknown = "refuse"): MergeRule {
  if (merge === "refuse" || merge === "fields" || merge === "overwrite") return merge;
  throw new TypeError(`merge must be "refuse", "fields" or "overwrite", got ${JSON.stringify(merge)}`);
}

/** One content of a document. `value` is undefined where there is none. */
interface Version {
  readonly value: unknown;
  readonly revision: string;
}

/** A whole document that is to be written by somebody who has seen an earlier one. */
interface BlindWrite {
  readonly path: string;
  /** What the writer last saw. */
  readonly base: Version;
  readonly ours: unknown;
  /** What the same handle is writing, begun before and not ended: the latest last. */
  readonly earlier: readonly unknown[];
  /** Whether what others changed since may be merged with it. */
  readonly merges: boolean;
}

/**
 * What is to be written over what is found under the lock: ours, if it is what the writer saw; else both, merged.
 * @throws {RevisionConflictError} somebody changed it since, and that is not to be merged, or both changed one field.
 */
export function reconcileWith({ path, base, ours, earlier, merges }: BlindWrite, found: Version): Reconciled {
  const isSeen = (value: unknown): boolean => isDeepStrictEqual(value, found.value);
  if (found.revision === base.revision || isSeen(base.value) || earlier.some(isSeen)) return { value: ours };
  // Its author expected the latest of their own writes to be there.
  const from = earlier.length > 0 ? earlier.at(-1) : base.value;
  const canMerge = merges && found.value !== undefined;
  const merged = canMerge ? mergeFields(from, ours, found.value) : { conflicts: [] };
  const refuse = (fields: ConflictingVersions["fields"]): RevisionConflictError =>
    new RevisionConflictError(path, base.revision, found.revision, {
      base: from,
      ours,
      theirs: found.value,
      fields,
    });
  if ("value" in merged) return { value: merged.value, refuse: () => refuse([]) };
  throw refuse(merged.conflicts);
}
