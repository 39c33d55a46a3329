import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { RevisionConflictError } from "../errors.ts";
import type { Durability, Receipt, WaitOptions } from "../options.ts";
import type { ReadLimits } from "./content-cache.ts";
import type { DocumentState } from "./document-state.ts";
import type { JsonDraft } from "./text/draft.ts";

/** What one handle of a document holds its content to. */
export interface DocumentRules extends ReadLimits {
  readonly schema: StandardSchemaV1 | undefined;
  /** Gives the value of a document that does not exist yet. */
  readonly defaults: (() => unknown) | undefined;
  /** An empty file counts as a missing one. */
  readonly allowEmpty: boolean;
  /** A document that is made by this change ends in a line feed. */
  readonly finalNewline: boolean;
  readonly durability: Durability;
  /** Permission bits of the file, where they are not to be kept. */
  readonly mode: number | undefined;
}

/** What a whole new document becomes, in view of what is found. */
export interface Reconciled {
  readonly value: unknown;
  /** Set where it is a merge: the error for a merge that the schema does not allow. */
  readonly refuse?: () => RevisionConflictError;
}

/** One caller's wish to change a document. */
export interface DocumentJob {
  /** Changes the draft, or returns what replaces it. */
  readonly recipe: ((draft: unknown) => unknown) | undefined;
  /** Is told of the draft right before the recipe gets it. */
  readonly onDraft?: ((draft: JsonDraft) => void) | undefined;
  /** The whole new value, where there is no recipe. */
  readonly replacement?: unknown;
  readonly expectedRevision: string | undefined;
  /** What the change is made under. Jobs of different fences share no commit. */
  readonly fence?: JobFence | undefined;
  /** Makes the replacement, from what is found under the lock. Without it, `replacement` is. */
  readonly reconcile?: ((found: DocumentState) => Reconciled) | undefined;
  readonly rules: DocumentRules;
}

/** A lease under which a change is made. */
export interface JobFence {
  /** Equal for one grant of one lease. */
  readonly grant: string;
  /** Runs under the lock, before the content is looked at; what it throws ends the job. */
  admit(): Promise<void>;
  /** Called right before the commit becomes visible; what it throws loses the commit. */
  assertHeld(): void;
}

/** How long a job may wait for the lock, and before whom. */
export interface JobWait extends WaitOptions {
  readonly priority?: number | undefined;
}

/** What became of a job: the document right after it, before the jobs that shared its commit. */
export interface JobReceipt extends Receipt {
  /** Frozen all through. */
  readonly value: unknown;
}
