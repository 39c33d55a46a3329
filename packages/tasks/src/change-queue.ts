import {
  CommitUncertainError,
  type DeepReadonly,
  LockTimeoutError,
  StoreError,
  type DocumentReceipt,
  type StoreDocument,
} from "@flockwork/core";
import type { StoreChangeOptions } from "@flockwork/core";

/** What a change of a document came to. */
export interface Changed<R> {
  /** What the change returned. */
  readonly value: R;
  /** Names the content of the document after it. Computed when it is first asked for. */
  readonly revision: string;
  readonly durability: "disk" | "os";
}

interface Job<D> {
  readonly change: (draft: D) => unknown;
  /** When it was asked for, on the monotonic clock. */
  readonly sinceMs: number;
  readonly resolve: (outcome: Changed<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Makes the changes of one document that wait at the same time in one recipe: a draft of a large document is opened, compared
 * and written once for all of them.
 *
 * A change that throws leaves nothing in the document. One that refuses, by an error of this package or of the core, must do so
 * before it touches the draft: then its neighbours are not concerned. After any other error, which may come half-way, nothing
 * of the recipe is kept, and each of its neighbours gets one of its own.
 */
export class ChangeQueue<T, D> {
  readonly #document: Pick<StoreDocument<T>, "update">;
  readonly #open: (draft: T, last: DeepReadonly<T> | undefined) => D;
  /** The document as it was after the last change of this queue, frozen. */
  #last: DeepReadonly<T> | undefined;
  /** Jobs that no recipe has taken yet, by how long they wait for the lock. */
  readonly #waiting = new Map<number | undefined, Job<D>[]>();

  /**
   * @param open - Makes the view that changes get, once for all changes of a recipe. `last` is what the queue last saw: good for
   * guesses, since others may have changed the document meanwhile.
   */
  constructor(
    document: Pick<StoreDocument<T>, "update">,
    open: (draft: T, last: DeepReadonly<T> | undefined) => D,
  ) {
    this.#document = document;
    this.#open = open;
  }

  /** Throws what the change throws, or as an update of the document. */
  submit<R>(change: (draft: D) => R, options: StoreChangeOptions = {}): Promise<Changed<R>> {
    const { timeoutMs, ...others } = options;
    const alone = Object.values(others).some((option) => option !== undefined);
    return new Promise<Changed<unknown>>((resolve, reject) => {
      const job: Job<D> = { change, sinceMs: performance.now(), resolve, reject };
      if (alone) return void this.#run(() => [job], options);
      const waiting = this.#waiting.get(timeoutMs);
      if (waiting !== undefined) return void waiting.push(job);
      this.#waiting.set(timeoutMs, [job]);
      void this.#run(() => this.#take(timeoutMs), { timeoutMs });
    }) as Promise<Changed<R>>;
  }

  /** Makes a change in a recipe of its own: one that throws half-way has changed nothing. */
  async alone<R>(change: (draft: D) => R, options: StoreChangeOptions = {}): Promise<Changed<R>> {
    let value: { readonly of: R } | undefined;
    const receipt = await this.#document.update((draft) => {
      value = { of: change(this.#open(draft, this.#last)) };
    }, options);
    this.#last = receipt.value;
    return changedOf((value as { readonly of: R }).of, receipt);
  }

  #take(timeoutMs: number | undefined): readonly Job<D>[] {
    const jobs = this.#waiting.get(timeoutMs) ?? [];
    this.#waiting.delete(timeoutMs);
    return jobs;
  }

  /** @param take - The jobs to do, asked for once the lock is held; or when it could not be had. */
  async #run(
    take: () => readonly Job<D>[],
    options: StoreChangeOptions,
    startedMs: number = performance.now(),
  ): Promise<void> {
    let jobs: readonly Job<D>[] | undefined;
    let outcomes: readonly Outcome[] = [];
    let receipt: DocumentReceipt<T>;
    try {
      receipt = await this.#document.update((draft) => {
        jobs ??= take();
        const view = this.#open(draft, this.#last);
        outcomes =
          jobs.length > 1
            ? jobs.map(({ change }) => attempt(change, view))
            : jobs.map(({ change }) => ({ value: change(view) }));
      }, options);
    } catch (error) {
      return this.#failed(jobs ?? take(), error, startedMs, options);
    }
    this.#last = receipt.value;
    for (const [at, job] of (jobs ?? []).entries()) {
      const outcome = outcomes[at];
      if (outcome === undefined) continue;
      if ("error" in outcome) job.reject(outcome.error);
      else job.resolve(changedOf(outcome.value, receipt));
    }
  }

  #failed(jobs: readonly Job<D>[], error: unknown, startedMs: number, options: StoreChangeOptions): void {
    const now = performance.now();
    for (const job of jobs) {
      // Whoever came late has time left; and who shares a recipe with one that is refused must not be refused for it.
      const lateMs = job.sinceMs - startedMs;
      const again = error instanceof LockTimeoutError ? lateMs > 1 : jobs.length > 1 && !isUncertain(error);
      if (!again) job.reject(error);
      else if (error instanceof LockTimeoutError)
        void this.#run(() => [job], { ...options, timeoutMs: lateMs }, now);
      else void this.#run(() => [job], options, now);
    }
  }
}

function changedOf<R>(value: R, receipt: Omit<Changed<R>, "value">): Changed<R> {
  return {
    value,
    durability: receipt.durability,
    get revision() {
      return receipt.revision;
    },
  };
}

function isUncertain(error: unknown): boolean {
  return error instanceof CommitUncertainError;
}

/** @throws Whatever is no refusal. */
function attempt<D>(change: (draft: D) => unknown, view: D): Outcome {
  try {
    return { value: change(view) };
  } catch (error) {
    if (error instanceof StoreError) return { error };
    throw error;
  }
}
