import { leases, type Clock, type Fence, type Lease, type Store, type WaitOptions } from "@flockwork/core";
import { checkOptions } from "./arguments.ts";

/** How a leader is elected. `timeoutMs` and `signal` bound the wait; by default it waits until `signal` aborts. */
export interface ElectOptions extends WaitOptions {
  /** Milliseconds without renewal after which somebody else may lead. Default 30 000. */
  readonly leaseMs?: number | undefined;
  /** Who stands for election. Default: host, pid and a random part. */
  readonly candidate?: string | undefined;
  /** Default: the machine's clocks. */
  readonly clock?: Clock | undefined;
}

/** The leader, for as long as it renews its lease: it does so by itself. */
export interface Leader extends AsyncDisposable {
  readonly name: string;
  /** The fencing token: higher than that of every leader before. */
  readonly token: string;
  /** Goes with each write that only the leader may make: `document.update(recipe, { fence: leader.fence })`. */
  readonly fence: Fence;
  /** Aborts when the lease is lost, no later than others may take it: stop leading. Not when it resigns. */
  readonly lost: AbortSignal;
  /** Call it right before each act of a leader. @throws {LeaseLostError | StaleFencingTokenError} stop leading. */
  assertLeading(): void;
  /** Gives up the lead: the next one may have it at once. Idempotent. */
  resign(): Promise<void>;
}

/**
 * Waits to become the leader of that name, and keeps leading until it resigns, or cannot renew its lease in time.
 *
 * One leader at a time holds as far as clocks run alike; what makes it hold for data is the fence: a store refuses a write under
 * an older token, however late it comes.
 *
 * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`; `signal.reason`; or as a change of a document. It does not lead then.
 * @example
 * const leader = await elect(store, "sweeper", { signal });
 * while (!leader.lost.aborted) await sweepOnce({ fence: leader.fence });
 */
export async function elect(store: Store, name: string, options: ElectOptions = {}): Promise<Leader> {
  checkOptions(options);
  const { leaseMs, candidate, clock, timeoutMs = Infinity, signal } = options;
  const book = leases(store, { document: leadersDocument, holder: candidate, leaseMs, clock });
  return new ElectedLeader(await book.acquire(name, { timeoutMs, signal }));
}

/** The leaders of a store, with their leases. */
const leadersDocument = "leaders.json";

class ElectedLeader implements Leader {
  readonly #lease: Lease;

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  get name(): string {
    return this.#lease.name;
  }

  get token(): string {
    return this.#lease.token;
  }

  get fence(): Fence {
    return this.#lease.fence;
  }

  get lost(): AbortSignal {
    return this.#lease.signal;
  }

  assertLeading(): void {
    this.#lease.assertHeld();
  }

  resign(): Promise<void> {
    return this.#lease.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.resign();
  }
}
