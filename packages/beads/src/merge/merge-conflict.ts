import type { Issue } from "../issue.ts";

/** What a merge may be told. */
export interface MergePolicy {
  /**
   * One side took the line of an issue out, the other changed it: `"modify"` (default) keeps the change, `"delete"` takes the
   * line out. A tombstone is no missing line: it always wins, as it says that somebody meant it.
   */
  readonly deleteVersusModify?: "modify" | "delete" | undefined;
}

/** Something both sides changed in different ways. The merge decided, by its rules; here is what it decided between. */
export interface MergeConflict {
  readonly kind:
    /** Both changed one field. The side that was changed last (`updated_at`) won; between equals, the greater text. */
    | "both-changed"
    /** One side deleted the issue, or made it a tombstone; the other changed it. */
    | "delete-modify"
    /** Both sides made an issue of this id, with another title and time: the later one was given the id `renamedTo`. */
    | "same-id";
  /** The id of the issue, or `memory:` and the key of a memory line, or `header`. */
  readonly id: string;
  /** Keys to the field; empty for the whole issue. */
  readonly path: readonly string[];
  /** The values; undefined where there was none. */
  readonly base: unknown;
  readonly ours: unknown;
  readonly theirs: unknown;
  /** Whose value the result has. */
  readonly took: "ours" | "theirs" | "both";
  readonly renamedTo?: string | undefined;
}

/** Where conflicts of one merge are gathered. */
export type Report = (conflict: MergeConflict) => void;

/** The three versions of one thing. */
export interface Versions<T> {
  readonly base: T | undefined;
  readonly ours: T;
  readonly theirs: T;
}

/** Issues merged. */
export interface MergeResult {
  readonly issues: readonly Issue[];
  readonly conflicts: readonly MergeConflict[];
}
