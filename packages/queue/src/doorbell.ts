import type { StoreEntry, StoreLog } from "@flockwork/core";

/** A log, and how far this process has read it. */
export interface FollowedLog {
  readonly log: StoreLog<unknown>;
  readonly position: () => number;
}

/**
 * Tells those who wait that something was added to the files, by this process or another. Only while somebody waits are the
 * files followed: a busy worker pays nothing for it.
 */
export class Doorbell {
  readonly #logs: readonly FollowedLog[];
  readonly #waiting = new Set<() => void>();
  #followers: readonly Follower[] = [];
  #closed = false;
  #attending = 0;
  /** How often it has rung. */
  rings = 0;

  constructor(logs: readonly FollowedLog[]) {
    this.#logs = logs;
  }

  /**
   * Somebody is going to wait, again and again, until the function that is returned is called. What is followed for them
   * keeps the process alive no longer.
   */
  attend(): () => Promise<void> {
    this.#attending += 1;
    let isOver = false;
    return async () => {
      if (isOver) return;
      isOver = true;
      this.#attending -= 1;
      if (this.#attending === 0) await this.#hangUp();
    };
  }

  /** Something was added, by this process or another. */
  ring(): void {
    this.rings += 1;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /**
   * Resolves at the next ring, after `timeoutMs`, or when the signal aborts.
   * @param rung - What `rings` was when the caller last looked: when it is more by now, the wait is over.
   */
  async wait(timeoutMs: number, signal: AbortSignal, rung: number = this.rings): Promise<void> {
    if (signal.aborted || rung !== this.rings) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(timeoutMs, 2 ** 31 - 1));
      signal.addEventListener("abort", done, { once: true });
      this.#waiting.add(done);
      if (!this.#closed) this.#listen();
    });
  }

  /** Whether nothing is followed any more: who waits is woken by this process and by time alone. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Ends the following, for good. */
  async close(): Promise<void> {
    this.#closed = true;
    this.ring();
    await this.#hangUp();
  }

  async #hangUp(): Promise<void> {
    const followers = this.#followers;
    this.#followers = [];
    await Promise.all(followers.map((follower) => follower.close()));
  }

  #listen(): void {
    if (this.#followers.length === 0) this.#followers = this.#logs.map((log) => new Follower(log));
    for (const follower of this.#followers) follower.listen(() => this.ring());
  }
}

/** Follows one log: it reads on only when it is listened to, and passes over what this process has read already. */
class Follower {
  readonly #controller = new AbortController();
  readonly #entries: AsyncIterator<StoreEntry<unknown>>;
  readonly #position: () => number;
  #isReset = false;
  #listening: Promise<void> | undefined;

  constructor({ log, position }: FollowedLog) {
    this.#position = position;
    const onReset = (): void => void (this.#isReset = true);
    const following = log.follow({ from: position(), signal: this.#controller.signal, onReset });
    this.#entries = following[Symbol.asyncIterator]();
  }

  listen(ring: () => void): void {
    this.#listening ??= this.#next().then(
      () => {
        this.#listening = undefined;
        ring();
      },
      () => {
        this.#listening = undefined; // the poll goes on
      },
    );
  }

  async close(): Promise<void> {
    this.#controller.abort();
    await this.#listening;
    await this.#entries.return?.(); // it may rest between two entries, and hold its watch
  }

  async #next(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#entries.next();
      if (done === true) return;
      const isNew = this.#isReset || value.position >= this.#position();
      this.#isReset = false;
      if (isNew) return;
    }
  }
}
