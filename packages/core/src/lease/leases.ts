import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { LockTimeoutError } from "../lock/lock-errors.ts";
import {
  checkDuration,
  checkOptions,
  checkSignal,
  environmentTimeoutMs,
  type WaitOptions,
} from "../options.ts";
import type { Store } from "../store/store.ts";
import { instantOf, systemClock } from "./clock.ts";
import { DocumentChanges } from "./document-changes.ts";
import { FenceRegister, fencingTokens } from "./fence-register.ts";
import { checkGrant } from "./grant-lease.ts";
import type { KeptLease } from "./kept-lease.ts";
import { LeaseBook, type LeaseAttempt } from "./lease-book.ts";
import { checkLeaseName } from "./lease-name.ts";
import type {
  AcquireLeaseOptions,
  LeaseGrantOptions,
  LeaseInspection,
  LeasesOptions,
} from "./lease-options.ts";
import type { LeaseRecord } from "./lease-record.ts";
import { LeaseSighting } from "./lease-sighting.ts";
import { leaseState } from "./lease-state.ts";
import { HeldLease, type Lease } from "./lease.ts";
import { leasesContent, noLeases, type LeasesDocument } from "./leases-document.ts";
import { renewing } from "./renewing.ts";

const defaultLeaseMs = 30_000;

/**
 * Named leases, kept in one small document. Nothing is read or created until a lease is asked for.
 *
 * In a store, each grant is entered in the store's register of fencing tokens before `acquire` returns: from then on no write
 * of an older holder is accepted by any document or log of the store. The names of leases are names of the whole store.
 *
 * @param place - A store; or a document made with `{ schema: leasesContent, defaults: noLeases }`, without such a register.
 * @example
 * const lease = await leases(store).acquire("nightly-build");
 * try {
 *   await report.update((draft) => { draft.built = true; }, { fence: lease.fence });
 * } finally {
 *   await lease.release();
 * }
 */
export function leases(place: Store | LeasesDocument, options: LeasesOptions = {}): Leases {
  return new Leases(place, options);
}

/** Named leases of one document. Made by {@link leases}. */
export class Leases {
  readonly #book: LeaseBook;
  readonly #document: LeasesDocument;
  readonly #options: LeasesOptions;
  readonly #holder: string;

  constructor(place: Store | LeasesDocument, options: LeasesOptions) {
    checkOptions(options);
    const { document: name = "leases.json", clock = systemClock } = options;
    this.#options = { ...options };
    this.#holder = options.holder ?? `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
    const inStore = "transact" in place;
    this.#document = inStore ? place.document({ name, schema: leasesContent, defaults: noLeases }) : place;
    const register = inStore ? new FenceRegister(place.document(fencingTokens)) : undefined;
    this.#book = new LeaseBook(this.#document, register, clock);
    this.#attemptOf("name", options);
  }

  /**
   * Waits for a lease and keeps it until it is released or lost. Waiters are woken by changes of the document, and when the
   * lease they wait for ends: they are served in no particular order.
   *
   * @throws {LockTimeoutError} `ERR_LOCK_TIMEOUT`: the lease, or the lock of the document that holds it (then `path` is that
   * document's), was not free in time; `signal.reason`; or as a change of a document. The lease is not held.
   */
  async acquire(name: string, options: AcquireLeaseOptions = {}): Promise<Lease> {
    const attempt = this.#attemptOf(name, options);
    checkSignal(options.signal);
    const { timeoutMs = environmentTimeoutMs(), signal } = options;
    checkDuration("timeoutMs", timeoutMs);
    signal?.throwIfAborted();
    const startMs = this.#book.clock.monotonic();
    const leftMs = (): number => startMs + timeoutMs - this.#book.clock.monotonic();
    const once = (boundMs: number): Promise<Lease | number> =>
      this.#try(attempt, { signal, timeoutMs: boundMs }).catch((error: unknown) => {
        throw error instanceof LockTimeoutError ? this.#notReached(error, timeoutMs, startMs) : error;
      });
    let outcome = await once(timeoutMs);
    if (typeof outcome !== "number") return outcome;
    if (timeoutMs === 0) throw await this.#timeout(attempt, timeoutMs, startMs);
    const changes = new DocumentChanges(this.#document, signal);
    try {
      while (typeof outcome === "number") {
        if (leftMs() <= 0) throw await this.#timeout(attempt, timeoutMs, startMs);
        await changes.within(Math.min(outcome, leftMs()));
        outcome = await once(Math.max(1, leftMs()));
      }
      return outcome;
    } finally {
      changes.close();
    }
  }

  /** One attempt. Undefined when somebody else holds the lease. Throws as a change of a document. */
  async tryAcquire(name: string, options: LeaseGrantOptions = {}): Promise<Lease | undefined> {
    const outcome = await this.#try(this.#attemptOf(name, options), {});
    return typeof outcome === "number" ? undefined : outcome;
  }

  /** The lease as it is now, without a lock. Undefined when it was never granted. */
  async inspect(name: string): Promise<LeaseInspection | undefined> {
    const record = await this.#book.read(checkLeaseName(name));
    return record === undefined ? undefined : this.#inspection(name, record);
  }

  /** All leases that were ever granted, by name, the ended ones too while they are remembered. */
  async list(): Promise<readonly LeaseInspection[]> {
    const { leases: all } = await this.#document.read();
    const names = Object.keys(all).toSorted();
    return names.flatMap((name) => {
      const record = all[name];
      return record === undefined ? [] : [this.#inspection(name, record)];
    });
  }

  /** The lease, or the milliseconds until it may be free. */
  async #try(attempt: LeaseAttempt, wait: WaitOptions): Promise<Lease | number> {
    const outcome = await this.#book.grant(attempt, wait);
    if (typeof outcome === "number") return outcome;
    const lease = this.#keep(attempt.name, outcome);
    if (lease.held) return lease;
    await lease.release(); // it took longer than the lease lasts
    return 0;
  }

  #keep(name: string, granted: LeaseRecord): Lease {
    const { token, leaseMs } = granted;
    const kept: KeptLease = renewing(
      granted,
      (signal) => this.#book.renew(name, token, () => kept.assertHeld(), { signal, timeoutMs: leaseMs }),
      { name, clock: this.#book.clock },
    );
    return new HeldLease(kept, () => this.#book.giveBack(name, token));
  }

  #inspection(name: string, record: LeaseRecord): LeaseInspection {
    return { ...record, name, state: leaseState(record, instantOf(this.#book.clock)) };
  }

  #attemptOf(name: string, options: LeaseGrantOptions): LeaseAttempt {
    checkOptions(options);
    const leaseMs = options.leaseMs ?? this.#options.leaseMs ?? defaultLeaseMs;
    const graceMs = options.graceMs ?? this.#options.graceMs ?? leaseMs / 10;
    const holder = options.holder ?? this.#holder;
    checkGrant({ holder, leaseMs, graceMs });
    return {
      name: checkLeaseName(name),
      holder,
      leaseMs,
      graceMs,
      sighting: new LeaseSighting(this.#book.clock),
    };
  }

  /** The lock of the document could not be had: told with the bound that the caller knows. */
  #notReached(
    { path, mode, holder }: LockTimeoutError,
    timeoutMs: number,
    startMs: number,
  ): LockTimeoutError {
    const waitedMs = this.#book.clock.monotonic() - startMs;
    const hints = [
      "It is the file behind the leases that was locked; whether the lease is free is not known.",
    ];
    return new LockTimeoutError({ path, mode, timeoutMs, waitedMs, holder, hints });
  }

  async #timeout({ name }: LeaseAttempt, timeoutMs: number, startMs: number): Promise<LockTimeoutError> {
    const record = await this.inspect(name);
    const described = record && `${record.holder}, until ${record.expiresAt}`;
    const waitedMs = this.#book.clock.monotonic() - startMs;
    const hints = ["It is a lease: leases().inspect() shows its record."];
    return new LockTimeoutError({
      path: name,
      mode: "exclusive",
      timeoutMs,
      waitedMs,
      holder: undefined,
      described,
      hints,
    });
  }
}
