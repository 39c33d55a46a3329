import { AsyncLocalStorage } from "node:async_hooks";
import { LockTimeoutError } from "@flockwork/core";
import type { AgentDeath } from "./agent.ts";
import type { Ending } from "./eviction.ts";

type Outcome = AgentDeath | undefined;

interface Queued {
  readonly ending: Ending;
  readonly settle: PromiseWithResolvers<Outcome>;
  /** Runs work as its caller's code: inside the locks that the caller holds. */
  readonly asCaller: <R>(work: () => R) => R;
}

/** Registrations that end in one commit: others wait for the locks meanwhile. */
const endedTogether = 64;

/**
 * Ends of this process whose effects make each of them a commit of several files. Those that come together, or while one is made,
 * share the next; where that fails, each is tried alone, so that one agent's failing effect keeps nobody else.
 */
export class EndQueue {
  readonly #commit: (endings: readonly Ending[]) => Promise<readonly Outcome[]>;
  #waiting: Queued[] = [];
  #isRunning = false;

  /** @param commit - Ends them all or none. Says of each what became of it. */
  constructor(commit: (endings: readonly Ending[]) => Promise<readonly Outcome[]>) {
    this.#commit = commit;
  }

  /** Throws what its own effects throw, or as a commit; then it was not ended. */
  add(ending: Ending): Promise<Outcome> {
    const settle = Promise.withResolvers<Outcome>();
    this.#waiting.push({ ending, settle, asCaller: AsyncLocalStorage.snapshot() as Queued["asCaller"] });
    if (!this.#isRunning) void this.#run();
    return settle.promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve(); // who asks in the same breath comes along
    while (this.#waiting.length > 0) await this.#end(this.#waiting.splice(0, endedTogether));
    this.#isRunning = false;
  }

  async #end(batch: readonly Queued[]): Promise<void> {
    const [first] = batch;
    if (first === undefined) return;
    try {
      const outcomes = await first.asCaller(() => this.#commit(batch.map(({ ending }) => ending)));
      for (const [at, { settle }] of batch.entries()) settle.resolve(outcomes[at]);
    } catch (error) {
      // Whoever has a lock would be waited for once for each of them.
      if (batch.length === 1 || error instanceof LockTimeoutError)
        for (const { settle } of batch) settle.reject(error);
      else for (const queued of batch) await this.#end([queued]);
    }
  }
}
