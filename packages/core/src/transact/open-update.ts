import { isDraft, original } from "immer";
import type { DocumentBatch } from "../document/document-batch.ts";
import type { DocumentJob } from "../document/document-job.ts";
import { runAsync } from "../document/steps.ts";
import type { JsonDraft } from "../document/text/draft.ts";

const given = Symbol("the draft is given up");

/** An update whose recipe is over when it is told. */
export class OpenUpdate {
  #draft: JsonDraft | undefined;
  readonly #begun: Promise<void>;
  readonly #ended: PromiseWithResolvers<undefined> = Promise.withResolvers();
  readonly #applied: Promise<void>;

  constructor(batch: DocumentBatch<unknown>, job: DocumentJob) {
    const begun = Promise.withResolvers<void>();
    const onDraft = (draft: JsonDraft): void => {
      this.#draft = draft;
      begun.resolve();
    };
    const recipe = (): Promise<undefined> => this.#ended.promise;
    this.#ended.promise.catch(() => {}); // nobody may have come to wait for it
    this.#applied = runAsync(batch.apply(undefined, { ...job, onDraft, recipe }));
    this.#applied.catch(begun.reject);
    this.#begun = begun.promise;
  }

  /** What the work changes. */
  get root(): unknown {
    return this.#draft?.root;
  }

  /** The value that the draft is one of, frozen. */
  get base(): unknown {
    return isDraft(this.root) ? original(this.root) : this.root;
  }

  /** Why there is no draft; undefined when there is one. */
  async failure(): Promise<{ readonly error: unknown } | undefined> {
    try {
      await this.#begun;
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  /** The work is over: whatever other drafts were put into this one may end now. */
  seal(): void {
    this.#draft?.seal();
  }

  async finish(): Promise<void> {
    this.#ended.resolve(undefined);
    await this.#applied;
  }

  discard(): void {
    this.#ended.reject(given);
    this.#applied.catch(() => {});
  }
}
