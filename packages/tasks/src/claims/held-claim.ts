import {
  LeaseLostError,
  renewing,
  StaleFencingTokenError,
  type Clock,
  type KeptLease,
  type LeaseRecord,
} from "@flockwork/core";
import type { Claim, ClaimProof } from "./claims.ts";

/** What a store does for a claim that is kept. */
export interface ClaimKeeper {
  /** Renews it where it is stored, and resolves to its record then. */
  readonly renew: (signal: AbortSignal) => Promise<LeaseRecord>;
  /** Gives it back, if it still is ours. */
  readonly giveBack: () => Promise<void>;
  /** Whether to renew in the background. */
  readonly keep: boolean;
  /** The clock it was granted by. Default: the machine's. */
  readonly clock?: Clock | undefined;
  /** The claim has no end that others could see. */
  readonly endless?: boolean | undefined;
}

/** A claim that this process holds. */
export class HeldClaim<Id> implements Claim<Id> {
  readonly granted = true;
  readonly taskId: Id;
  readonly holder: string;
  readonly token: string;
  readonly #keeper: ClaimKeeper;
  readonly #kept: KeptLease;
  /** Somebody asked for the renewal that is going on. */
  #asked = false;
  #released: Promise<void> | undefined;
  #over: (() => Promise<void>) | undefined;

  /** @param record - As it was granted, by a clock that was read before the grant was written. */
  constructor(taskId: Id, record: LeaseRecord, keeper: ClaimKeeper) {
    this.taskId = taskId;
    this.holder = record.holder;
    this.token = record.token;
    this.#keeper = keeper;
    const renew = (signal: AbortSignal): Promise<LeaseRecord> =>
      keeper.keep || this.#asked
        ? keeper.renew(signal)
        : Promise.reject(new Error("it is not kept: keep is false"));
    this.#kept = renewing(record, renew, { name: `task ${String(taskId)}`, clock: keeper.clock });
  }

  get expiresAt(): string | undefined {
    return this.#keeper.endless === true ? undefined : this.#kept.record.expiresAt;
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

  async renew(): Promise<void> {
    this.#asked = true;
    try {
      await this.#kept.renew();
    } finally {
      this.#asked = false;
    }
  }

  release(): Promise<void> {
    this.#kept.stop();
    this.#released ??= this.#giveBack();
    return this.#released;
  }

  /** Where the claim is stored, somebody else has it: its signal aborts, whatever its holder's clock says. */
  lose(reason: Error): void {
    this.#kept.fence.lose?.(reason);
  }

  /** Runs `work`, which does not throw and may be run twice, when the claim is released or lost. */
  whenOver(work: () => Promise<void>): void {
    this.#over = work;
    this.signal.addEventListener("abort", () => void work(), { once: true });
    if (this.signal.aborted) void work();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #giveBack(): Promise<void> {
    try {
      await this.#keeper.giveBack();
    } catch (error) {
      this.#released = undefined; // so that it can be tried again
      throw error;
    } finally {
      await this.#over?.();
    }
  }
}

/**
 * Checks the claim that a write is made under. Where it is lost, its signal has aborted by the time that the write is refused,
 * also when its holder was stopped and no timer has run since.
 */
export function checkUnder(proof: ClaimProof | undefined, check: () => void): void {
  try {
    check();
  } catch (error) {
    const isLost = error instanceof StaleFencingTokenError || error instanceof LeaseLostError;
    if (isLost && proof instanceof HeldClaim) proof.lose(error);
    throw error;
  }
}
