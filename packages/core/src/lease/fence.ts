/**
 * What a lease holder shows with each write: the name of the lease, and the fencing token it was granted. A token is the
 * decimal string of a bigint; a higher one was granted later.
 */
export interface Fence {
  /** The name of the lease the token belongs to. */
  readonly name: string;
  /** The decimal string of the token, as the lease record has it. */
  readonly token: string;
  /**
   * Throws when the lease is known to be lost, by the holder's own clock. A write calls it right before it takes effect.
   * The fence of a lease has it on its prototype, so that the fence can be sent to another process, which goes without.
   */
  assertHeld?(): void;
  /** Tells the holder that the lease was granted to somebody else: its signal aborts. On the prototype, too. */
  lose?(reason: Error): void;
}

/** What a fence asks of the lease it belongs to. */
export interface FenceHolder {
  assertHeld(): void;
  lose(reason: Error): void;
}

/** The fence of a lease that this process holds. */
export class HeldFence implements Fence {
  readonly name: string;
  readonly token: string;
  readonly #holder: FenceHolder;

  constructor(name: string, token: string, holder: FenceHolder) {
    this.name = name;
    this.token = token;
    this.#holder = holder;
  }

  assertHeld(): void {
    this.#holder.assertHeld();
  }

  lose(reason: Error): void {
    this.#holder.lose(reason);
  }
}
