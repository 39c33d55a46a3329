import { LeaseLostError } from "../lock/lock-errors.ts";
import type { WaitOptions } from "../options.ts";
import { instantOf, type Clock } from "./clock.ts";
import type { FenceRegister } from "./fence-register.ts";
import { highestFencingToken } from "./fencing-token.ts";
import { grantLease, releaseLease, renewLease } from "./grant-lease.ts";
import { StaleFencingTokenError } from "./lease-errors.ts";
import type { LeaseRecord } from "./lease-record.ts";
import type { LeaseSighting } from "./lease-sighting.ts";
import { leaseState, msUntilFree } from "./lease-state.ts";
import { boundLeases, leaseOf, type LeasesDocument } from "./leases-document.ts";

/** One caller's wish for one lease, over all its attempts. */
export interface LeaseAttempt {
  readonly name: string;
  readonly holder: string;
  readonly leaseMs: number;
  readonly graceMs: number;
  /** What the caller has seen of the lease so far. */
  readonly sighting: LeaseSighting;
}

/** How long a grant that is not to be used is tried to be taken back; after that it ends by itself. */
const giveBackMs = 1_000;

/** The records of a document of leases: grants, renewals and releases as they are written down. */
export class LeaseBook {
  readonly clock: Clock;
  readonly #document: LeasesDocument;
  readonly #register: FenceRegister | undefined;

  constructor(document: LeasesDocument, register: FenceRegister | undefined, clock: Clock) {
    this.#document = document;
    this.#register = register;
    this.clock = clock;
  }

  async read(name: string): Promise<LeaseRecord | undefined> {
    return leaseOf(await this.#document.read(), name);
  }

  /** The record of the grant, written down; or the milliseconds until the lease may be free. */
  async grant(attempt: LeaseAttempt, wait: WaitOptions): Promise<LeaseRecord | number> {
    const { name, sighting } = attempt;
    const busyMs = this.#busyMs(attempt, await this.read(name));
    if (busyMs > 0) return busyMs;
    const known = await this.#register?.highest(name);
    const outcome: { granted?: LeaseRecord; busyMs: number } = { busyMs: 0 };
    try {
      await this.#document.update((draft) => {
        const previous = leaseOf(draft, name);
        const now = instantOf(this.clock);
        const unchangedForMs = previous && sighting.see(previous);
        const floor = highestFencingToken([known, draft.floor]);
        const granted = grantLease(previous, { ...attempt, now, unchangedForMs, floor });
        outcome.busyMs = this.#busyMs(attempt, previous);
        if (granted === undefined) return;
        draft.leases[name] = outcome.granted = granted;
        boundLeases(draft, now);
      }, wait);
      if (outcome.granted === undefined) return outcome.busyMs;
      await this.#register?.enter({ name, token: outcome.granted.token }, wait);
      return outcome.granted;
    } catch (error) {
      // Whether or not it was written: nobody holds it.
      if (outcome.granted !== undefined)
        await this.giveBack(name, outcome.granted.token, { timeoutMs: giveBackMs }).catch(ignore);
      if (error instanceof StaleFencingTokenError) return 0; // the document was deleted meanwhile: again, above that token
      throw error;
    }
  }

  /** @throws what `assertHeld` throws, while the lock of the document is held: then nothing is written. Else as `renewLease`. */
  async renew(name: string, token: string, assertHeld: () => void, wait: WaitOptions): Promise<LeaseRecord> {
    let renewed: LeaseRecord | undefined;
    await this.#document.update((draft) => {
      assertHeld();
      renewed = renewLease(leaseOf(draft, name), token, instantOf(this.clock), name);
      draft.leases[name] = renewed;
    }, wait);
    if (renewed === undefined) throw new TypeError("a renewal ended without an outcome");
    return renewed;
  }

  /** Releases the lease if it still is the one that was granted with this token. */
  async giveBack(name: string, token: string, wait: WaitOptions = {}): Promise<void> {
    await this.#document.update((draft) => {
      try {
        draft.leases[name] = releaseLease(leaseOf(draft, name), token, instantOf(this.clock), name);
      } catch (error) {
        if (!(error instanceof StaleFencingTokenError || error instanceof LeaseLostError)) throw error;
      }
    }, wait);
  }

  /** Milliseconds until this caller may be granted the lease, if nobody renews it. */
  #busyMs({ holder, sighting }: LeaseAttempt, record: LeaseRecord | undefined): number {
    if (record === undefined) return 0;
    const now = instantOf(this.clock);
    const observation = { unchangedForMs: sighting.see(record) };
    if (record.holder === holder && leaseState(record, now, observation) === "grace") return 0;
    return msUntilFree(record, now, observation);
  }
}

function ignore(): void {}
