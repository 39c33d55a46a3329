/**
 * When to let others go first. A process that releases a lock and asks again at once is always faster than one that must first
 * be woken, so without courtesy it would keep the lock to itself.
 */
import { monotonicMs } from "./clock.ts";
import type { LockPrimitive } from "./lock-primitive.ts";

/** How long this process stands back. */
const courtesyMs = 1;
/** After a contested grant, this many long holds are followed by courtesy. */
const courtesiesOwed = 4;
/** Shorter holds cost the others less than the courtesy would. */
const longHoldMs = 0.5;
/** Asking again sooner than this after a release counts as not letting go. */
const gapMs = 0.2;
/** How long a process may go on without letting go before it looks whether others wait. */
const occupationMs = 5;
/** Looking takes tens of microseconds, or hundreds where the system has many locks: this part of the time at most goes into it. */
const lookShare = 0.02;
/** And yet it looks after this long. */
const longestOccupationMs = 50;

export class Courtesy {
  readonly #primitive: LockPrimitive;
  #owed = 0;
  #until = 0;
  #occupiedSince = 0;
  #lookAfterMs = occupationMs;
  #releasedAt = -Infinity;

  constructor(primitive: LockPrimitive) {
    this.#primitive = primitive;
  }

  /** Milliseconds this process should still stand back. */
  owedMs(now?: number): number {
    if (this.#until === 0) return 0;
    const leftMs = this.#until - (now ?? monotonicMs());
    if (leftMs > 0) return leftMs;
    this.#until = 0;
    return 0;
  }

  granted(now: number, contested: boolean): void {
    this.#until = 0;
    if (contested) this.#owed = courtesiesOwed;
    if (contested || now - this.#releasedAt > gapMs) this.#occupiedSince = now;
  }

  released(now: number, heldMs: number): void {
    this.#releasedAt = now;
    if (this.#owed > 0 && heldMs >= longHoldMs) {
      this.#owed -= 1;
      this.#until = now + courtesyMs;
    } else if (now - this.#occupiedSince > this.#lookAfterMs) {
      const isWaitedFor = this.#primitive.hasForeignWaiters();
      this.#occupiedSince = monotonicMs();
      const tookMs = this.#occupiedSince - now;
      this.#lookAfterMs = Math.min(Math.max(tookMs / lookShare, occupationMs), longestOccupationMs);
      if (isWaitedFor) this.#until = this.#occupiedSince + courtesyMs;
    }
  }
}
