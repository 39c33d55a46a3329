import { AsyncLocalStorage } from "node:async_hooks";
import {
  instantOf,
  LockOrderError,
  LockReentryError,
  type Clock,
  type StoreDocument,
  type WaitOptions,
} from "@flockwork/core";
import { redoOnConflict } from "../redo.ts";
import type { AgentFile } from "./agent-entry.ts";
import { refuseInEffect } from "./inside-effect.ts";
import { Turn } from "./turn.ts";

type Operation<R> = (turn: Turn) => R;

interface Queued {
  readonly operation: Operation<unknown>;
  readonly settle: PromiseWithResolvers<unknown>;
  /** Runs work as its caller's code: inside the locks that the caller holds. */
  readonly asCaller: (work: () => void) => void;
}

/**
 * Changes of the registry from this process. Those that come while a write is going on, or waited for, share the next one:
 * a thousand heartbeats are a few commits. Each has its own result, or its own error, once the commit is made.
 */
export class AgentCommits {
  readonly #document: StoreDocument<AgentFile>;
  readonly #clock: Clock;
  #waiting: Queued[] = [];

  constructor(document: StoreDocument<AgentFile>, clock: Clock) {
    this.#document = document;
    this.#clock = clock;
  }

  /** Throws what the operation throws, or as a change of a document; then it has changed nothing. */
  async run<R>(operation: Operation<R>, wait: WaitOptions = {}): Promise<R> {
    refuseInEffect(this.#document.name);
    if (wait.timeoutMs !== undefined || wait.signal !== undefined) return this.#runAlone(operation, wait);
    const settle = Promise.withResolvers<unknown>();
    this.#enqueue({ operation, settle, asCaller: AsyncLocalStorage.snapshot() });
    return (await settle.promise) as R;
  }

  #enqueue(queued: Queued): void {
    this.#waiting.push(queued);
    if (this.#waiting.length === 1) queued.asCaller(() => void this.#commit());
  }

  /** One with bounds of its own must not bound its neighbours. */
  async #runAlone<R>(operation: Operation<R>, { timeoutMs, signal }: WaitOptions): Promise<R> {
    const wait = { timeoutMs, signal };
    return await redoOnConflict(async () => {
      let result: { readonly value: R } | undefined;
      await this.#document.update((draft) => {
        const turn = this.#turn(draft);
        result = { value: operation(turn) };
        turn.end();
      }, wait);
      return (result as unknown as { readonly value: R }).value;
    }, wait);
  }

  async #commit(): Promise<void> {
    let batch: readonly Queued[] | undefined;
    const outcomes = new Map<Queued, () => void>();
    try {
      await redoOnConflict(() =>
        this.#document.update((draft) => {
          batch ??= this.#take();
          const turn = this.#turn(draft);
          for (const queued of batch) outcomes.set(queued, outcomeOf(queued, turn));
          turn.end();
        }),
      );
    } catch (error) {
      const [first, ...others] = batch ?? this.#take();
      first?.settle.reject(error);
      // The locks around the first are its own fault, not that of those who came after it.
      if (batch === undefined && isOfCaller(error)) for (const queued of others) this.#enqueue(queued);
      else for (const { settle } of others) settle.reject(error);
      return;
    }
    for (const settle of outcomes.values()) settle();
  }

  #take(): readonly Queued[] {
    const batch = this.#waiting;
    this.#waiting = [];
    return batch;
  }

  #turn(draft: AgentFile): Turn {
    return new Turn(draft, instantOf(this.#clock));
  }
}

function isOfCaller(error: unknown): boolean {
  return error instanceof LockReentryError || error instanceof LockOrderError;
}

function outcomeOf({ operation, settle }: Queued, turn: Turn): () => void {
  try {
    const value = operation(turn);
    return () => settle.resolve(value);
  } catch (error) {
    return () => settle.reject(error);
  }
}
