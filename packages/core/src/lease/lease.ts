import type { Fence } from "./fence.ts";
import type { KeptLease } from "./kept-lease.ts";
import type { LeaseRecord } from "./lease-record.ts";

/** A named lease that this process holds and keeps renewing, until it is released or lost. */
export interface Lease extends AsyncDisposable {
  readonly name: string;
  /** The fencing token of this grant: higher than that of every grant before. */
  readonly token: string;
  /** Goes with each write made under the lease: `document.update(recipe, { fence: lease.fence })`. */
  readonly fence: Fence;
  /** The record, as it was when it was last renewed. */
  readonly record: LeaseRecord;
  /** Aborts when the lease is lost, never when it is released. See {@link KeptLease.signal}. */
  readonly signal: AbortSignal;
  readonly held: boolean;
  /** Call it right before each act that needs the lease. @throws {LeaseLostError | StaleFencingTokenError} stop: it is lost. */
  assertHeld(): void;
  /** Renews at once, beside the renewals that come by themselves. Throws as `assertHeld`, or as a change of a document. */
  renew(): Promise<void>;
  /**
   * Gives the lease back, if it still is ours: the next one may have it at once. Idempotent. One that is lost is left alone.
   * @throws as a change of a document; then the lease ends by itself.
   */
  release(): Promise<void>;
}

/** A lease of a document of leases. */
export class HeldLease implements Lease {
  readonly #kept: KeptLease;
  readonly #giveBack: () => Promise<void>;
  #released: Promise<void> | undefined;

  constructor(kept: KeptLease, giveBack: () => Promise<void>) {
    this.#kept = kept;
    this.#giveBack = giveBack;
  }

  get name(): string {
    return this.#kept.name;
  }

  get token(): string {
    return this.#kept.record.token;
  }

  get fence(): Fence {
    return this.#kept.fence;
  }

  get record(): LeaseRecord {
    return this.#kept.record;
  }

  get signal(): AbortSignal {
    return this.#kept.signal;
  }

  get held(): boolean {
    return this.#kept.held;
  }

  assertHeld(): void {
    this.#kept.assertHeld();
  }

  renew(): Promise<void> {
    return this.#kept.renew();
  }

  release(): Promise<void> {
    this.#kept.stop();
    this.#released ??= this.#giveBack().catch((error: unknown) => {
      this.#released = undefined; // so that it can be tried again
      throw error;
    });
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
