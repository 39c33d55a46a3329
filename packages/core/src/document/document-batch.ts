import { DocumentInvalidError, RevisionConflictError, TooLargeError } from "../errors.ts";
import type { Durability } from "../options.ts";
import { noContentError, type DocumentState } from "./document-state.ts";
import type { DocumentJob, JobReceipt, Reconciled } from "./document-job.ts";
import { checkLimits } from "./content-cache.ts";
import { checkSchema } from "./schema-check.ts";
import { settled, type Steps } from "./steps.ts";
import { WorkingCopy, type SettledChange } from "./working-copy.ts";
import type { IntegerMode } from "./text/json-source.ts";

/** A job that was applied, and what it left behind. */
export interface AppliedJob<T> {
  readonly subject: T;
  readonly job: DocumentJob;
  readonly changed: boolean;
  readonly value: unknown;
  /** The content right after the job. */
  readonly content: () => DocumentState;
}

/** What a job makes of the content, and what to say where the schema refuses it. */
type Change = SettledChange & { readonly refuse?: Reconciled["refuse"] | undefined };

/** The jobs of one hold of the lock, applied in order to one content. Touches no disk. */
export class DocumentBatch<T> {
  readonly #path: string;
  readonly #before: DocumentState;
  readonly #copy: WorkingCopy;
  readonly #applied: AppliedJob<T>[] = [];

  constructor(path: string, state: DocumentState, integers: IntegerMode) {
    this.#path = path;
    this.#before = state;
    this.#copy = new WorkingCopy(path, state, integers);
  }

  /** Those that succeeded so far. */
  get applied(): readonly AppliedJob<T>[] {
    return this.#applied;
  }

  /** What is to be written; undefined when the bytes are to stay as they are. @throws {TooLargeError} nothing is written. */
  get outcome(): DocumentState | undefined {
    const changes = this.#applied.filter(({ changed }) => changed);
    if (changes.length === 0) return undefined;
    const after = this.#copy.content();
    const maxBytes = Math.max(...changes.map(({ job }) => job.rules.maxBytes));
    const size = after.bytes?.length ?? 0;
    if (size > maxBytes) throw new TooLargeError(this.#path, "maxBytes", maxBytes, size);
    const unchanged = this.#before.bytes !== undefined && after.bytes?.equals(this.#before.bytes) === true;
    return unchanged ? undefined : after;
  }

  /** Whether a change was made from what the document was, and not by writing a whole new one over whatever it was. */
  get dependsOnBefore(): boolean {
    const isBlind = ({ recipe, reconcile, expectedRevision }: DocumentJob): boolean =>
      recipe === undefined && reconcile === undefined && expectedRevision === undefined;
    return this.#applied.some(({ changed, job }) => changed && !isBlind(job));
  }

  /** As durable as the most careful of the changes asked for. */
  get durability(): Durability {
    return this.#applied.some(({ changed, job }) => changed && job.rules.durability === "disk")
      ? "disk"
      : "os";
  }

  /** The permission bits the last change asked for. */
  get mode(): number | undefined {
    return this.#applied.findLast(({ changed, job }) => changed && job.rules.mode !== undefined)?.job.rules
      .mode;
  }

  /**
   * Applies one job. When it throws, for whatever reason, the content is what it was before.
   *
   * @throws {RevisionConflictError | DocumentInvalidError | TooLargeError | DocumentCorruptError | ReadFailedError} or
   * whatever the recipe threw.
   */
  *apply(subject: T, job: DocumentJob): Steps<void> {
    const { rules } = job;
    if (job.fence !== undefined) yield* settled(job.fence.admit());
    checkLimits(this.#path, this.#before, rules);
    this.#checkRevision(job);
    if (this.#copy.value === undefined && this.#before.bytes !== undefined && !rules.allowEmpty) {
      throw noContentError(this.#path, this.#before);
    }
    const base = this.#copy.value;
    const change =
      job.recipe === undefined ? this.#replace(job, base) : yield* this.#update(job, job.recipe, base);
    const changed = change !== undefined;
    if (change !== undefined) {
      try {
        yield* checkSchema(this.#path, rules.schema, change.value);
      } catch (error) {
        throw error instanceof DocumentInvalidError && change.refuse !== undefined ? change.refuse() : error;
      }
      this.#copy.accept(change);
    }
    const value = changed || base !== undefined ? this.#copy.value : this.#defaultsOf(job);
    this.#applied.push({ subject, job, changed, value, content: this.#copy.content });
  }

  #replace({ replacement, reconcile, rules }: DocumentJob, base: unknown): Change | undefined {
    const next: Reconciled =
      reconcile === undefined ? { value: replacement } : reconcile(this.#copy.content());
    const change = this.#copy.settle(next.value, base, rules);
    return change.value === base ? undefined : { ...change, refuse: next.refuse };
  }

  *#update(
    job: DocumentJob,
    recipe: (draft: unknown) => unknown,
    current: unknown,
  ): Steps<Change | undefined> {
    const { rules } = job;
    const base = current === undefined ? this.#defaultsOf(job) : current;
    yield* checkSchema(this.#path, rules.schema, base);
    const draft = this.#copy.draft(base, rules.maxDepth);
    job.onDraft?.(draft);
    let returned: unknown;
    try {
      returned = yield* settled(recipe(draft.root));
    } catch (error) {
      draft.discard();
      throw error;
    }
    const { next, origins } = draft.finish(returned);
    const change = this.#copy.settle(next, base, rules, origins);
    return change.value === base ? undefined : change;
  }

  #defaultsOf({ rules }: DocumentJob): unknown {
    if (rules.defaults === undefined) throw noContentError(this.#path, this.#before);
    return this.#copy.settle(rules.defaults(), undefined, rules).value;
  }

  #checkRevision({ expectedRevision }: DocumentJob): void {
    if (expectedRevision === undefined) return;
    const { revision } = this.#copy.content();
    if (revision !== expectedRevision)
      throw new RevisionConflictError(this.#path, expectedRevision, revision);
  }
}

/** What a caller is told. The revision is computed when it is first asked for. */
export function receiptOf(
  { changed, value, content }: AppliedJob<unknown>,
  durability: Durability,
): JobReceipt {
  return {
    changed,
    durability,
    value,
    get revision() {
      return content().revision;
    },
  };
}
