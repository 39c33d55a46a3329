import { isDraft, original } from "immer";
import type { DocumentBatch } from "../document/document-batch.ts";
import type { DocumentJob } from "../document/document-job.ts";
import { runAsync } from "../document/steps.ts";

const given = Symbol("the draft is given up");

/** An update whose recipe is over when it is told. */
export class OpenUpdate {
  /** What the work changes. */
  root: unknown;
  readonly #begun: Promise<void>;
  readonly #ended: PromiseWithResolvers<undefined> = Promise.withResolvers();
  readonly #applied: Promise<void>;

  constructor(batch: DocumentBatch<unknown>, job: DocumentJob) {
    const begun = Promise.withResolvers<void>();
    const recipe = (draft: unknown): Promise<undefined> => {
      this.root = draft;
      begun.resolve();
      return this.#ended.promise;
    };
    this.#ended.promise.catch(() => {}); // nobody may have come to wait for it
    this.#applied = runAsync(batch.apply(undefined, { ...job, recipe }));
    this.#applied.catch(begun.reject);
    this.#begun = begun.promise;
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

  async finish(): Promise<void> {
    this.#ended.resolve(undefined);
    await this.#applied;
  }

  discard(): void {
    this.#ended.reject(given);
    this.#applied.catch(() => {});
  }
}
