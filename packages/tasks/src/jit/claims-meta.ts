import { type Clock, type Store, type StoreDocument } from "@flockwork/core";
import { jitText, overwrite, ownLayout } from "./files.ts";

const directory = "locks";
const name = `${directory}/claims.lock.meta`;

/** What jit writes beside the lock of the claims while it is held, for people and for `jit recover`. */
export interface JitLockMeta {
  readonly pid: number;
  /** `type:id`. */
  readonly agent_id: string;
  readonly created_at: string;
  readonly last_updated: string;
}

/**
 * `claims.lock.meta`. `jit recover` takes a lock away whose file names a process that is gone: one left by a crash must not
 * lie there while we hold the lock.
 */
export class ClaimsMeta {
  readonly #document: StoreDocument<JitLockMeta>;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #agent: string;

  constructor(store: Store, clock: Clock, agent: string) {
    this.#store = store;
    this.#clock = clock;
    this.#agent = agent;
    this.#document = store.document<JitLockMeta>({
      name,
      ...jitText,
      layout: ownLayout("claims-meta", 1),
      durability: "os", // it says nothing that outlives the process
      merge: "overwrite",
      mode: 0o644,
    });
  }

  /** Names this process as the holder. For whoever holds the lock exclusively. Resolves to what `end` takes. */
  async begin(): Promise<string> {
    const now = new Date(this.#clock.now()).toISOString();
    const meta = { pid: process.pid, agent_id: this.#agent, created_at: now, last_updated: now };
    return overwrite(this.#document, meta);
  }

  /** Removes what `begin` wrote. The lock may be somebody else's already: theirs is left alone. */
  async end(revision: string): Promise<void> {
    // What stays names a process that is alive, or is replaced by the next holder. The work itself is done: no reason to fail.
    await this.#document.remove({ expectedRevision: revision }).catch(() => undefined);
  }

  /** Removes what a crash left. For whoever holds the lock shared: then nobody has it who would write one. */
  async clear(): Promise<void> {
    if ((await this.#store.list(directory)).includes(name)) await this.#document.remove();
  }
}
