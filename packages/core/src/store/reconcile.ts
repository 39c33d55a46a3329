import { isDeepStrictEqual } from "node:util";
import { RevisionConflictError } from "../errors.ts";
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
export interface BlindWrite {
  readonly path: string;
  /** What the writer last saw. */
  readonly base: Version;
  readonly ours: unknown;
  /** Those of the same handle. */
  readonly own: OwnWrites;
  /** Whether what others changed since may be merged with it. */
  readonly merges: boolean;
}

/** The whole documents that one handle writes: a later one may follow an earlier one that its caller did not wait for. */
export class OwnWrites {
  readonly #going = new Set<{ readonly value: unknown }>();
  #lastRevision: string | undefined;

  /** Runs one of them. */
  async run<R extends { readonly revision: string }>(value: unknown, write: () => Promise<R>): Promise<R> {
    const own = { value };
    this.#going.add(own);
    try {
      const receipt = await write();
      this.#lastRevision = receipt.revision;
      return receipt;
    } finally {
      this.#going.delete(own);
    }
  }

  /** Whether what is found is what another one of them made. */
  made({ value, revision }: Version): boolean {
    return (
      revision === this.#lastRevision || [...this.#going].some((own) => isDeepStrictEqual(own.value, value))
    );
  }
}

/**
 * What is to be written over what is found under the lock: ours, if it is what the writer saw; else both, merged.
 * @throws {RevisionConflictError} somebody changed it since, and that is not to be merged, or both changed one field.
 */
export function reconcileWith({ path, base, ours, own, merges }: BlindWrite, found: Version): unknown {
  if (own.made(found)) return ours;
  if (found.revision === base.revision || isDeepStrictEqual(found.value, base.value)) return ours;
  const canMerge = merges && found.value !== undefined;
  const merged = canMerge ? mergeFields(base.value, ours, found.value) : { conflicts: [] };
  if ("value" in merged) return merged.value;
  const versions = { base: base.value, ours, theirs: found.value, fields: merged.conflicts };
  throw new RevisionConflictError(path, base.revision, found.revision, versions);
}
