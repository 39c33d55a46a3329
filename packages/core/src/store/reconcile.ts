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

/** A change that the writer has begun. */
export interface OwnChange {
  /** Whether it replaces the whole document. */
  readonly isWrite: boolean;
  /** What an update found. */
  before?: { readonly value: unknown };
  /** What it makes of the document, as far as that is known: `value` is undefined where it removes it. */
  after?: { readonly value: unknown };
}

/** A whole document that is to be written by somebody who has seen an earlier one. */
interface BlindWrite {
  readonly path: string;
  /** What the writer last saw. */
  readonly base: Version;
  readonly ours: unknown;
  /** What the same handle is changing, begun before and not ended: the latest last. */
  readonly earlier: readonly OwnChange[];
  /** Whether what others changed since may be merged with it. */
  readonly merges: boolean;
}

/**
 * What is to be written over what is found under the lock: ours, if it is what the writer saw; else both, merged.
 * @throws {RevisionConflictError} somebody changed it since, and that is not to be merged, or both changed one field.
 */
export function reconcileWith({ path, base, ours, earlier, merges }: BlindWrite, found: Version): Reconciled {
  const expected = expectedValues(base, earlier);
  if (found.revision === base.revision || includes(expected, found.value)) return { value: ours };
  // Its author expected the latest of their own changes to be there.
  const from = expected.at(-1);
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

/**
 * What the writer may expect to find. What an own update made of something else holds changes of others that its author has
 * not seen.
 */
function expectedValues(base: Version, earlier: readonly OwnChange[]): readonly unknown[] {
  const expected = [base.value];
  for (const { before, after } of earlier)
    if (after !== undefined && (before === undefined || includes(expected, before.value)))
      expected.push(after.value);
  return expected;
}

function includes(values: readonly unknown[], value: unknown): boolean {
  return values.some((each) => isDeepStrictEqual(each, value));
}
