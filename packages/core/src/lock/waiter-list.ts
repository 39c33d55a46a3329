/**
 * Who waits for one lock inside this process, in order. Ends waits whose time is up, with one timer for all of them.
 */
import { longestTimerMs } from "../options.ts";
import { monotonicMs } from "./clock.ts";
import { recordWaiting } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";

/** How a wait ends without an error. */
export type WaitOutcome = "granted" | "moved" | "expired";

/** One pending request. */
export abstract class Waiter {
  readonly mode: LockMode;
  readonly priority: number;
  /** The data file whose lock it is. */
  readonly dataPath: string;
  /** Monotonic milliseconds; `Infinity` for none. */
  readonly deadlineAt: number;
  /** How many later requests went first, because of their priority. */
  passed = 0;
  ended = false;
  #stopListening: (() => void) | undefined;

  constructor(mode: LockMode, priority: number, dataPath: string, deadlineAt: number) {
    this.mode = mode;
    this.priority = priority;
    this.dataPath = dataPath;
    this.deadlineAt = deadlineAt;
  }

  protected abstract onSettled(outcome: WaitOutcome, now: number): void;
  protected abstract onFailed(reason: unknown): void;

  /** Calls `withdraw` if the signal aborts before the wait has ended. */
  endOnAbort(signal: AbortSignal, withdraw: () => void): void {
    signal.addEventListener("abort", withdraw, { once: true });
    this.#stopListening = () => signal.removeEventListener("abort", withdraw);
  }

  /** @param now - The monotonic milliseconds of its end, which whoever ends it knows. */
  settle(outcome: WaitOutcome, now: number): void {
    this.ended = true;
    this.#stopListening?.();
    this.onSettled(outcome, now);
  }

  fail(reason: unknown): void {
    this.ended = true;
    this.#stopListening?.();
    this.onFailed(reason);
  }
}

/** No waiter is passed by more than this many of higher priority. */
const passLimit = 64;

export class WaiterList {
  readonly #changed: () => void;
  #waiters: Waiter[] = [];
  #first = 0;
  #size = 0;
  #prioritised = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** @param changed - Called when a wait ended on its own, so that the head may be another. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get size(): number {
    return this.#size;
  }

  add(waiter: Waiter): void {
    this.#waiters.push(waiter);
    this.#size += 1;
    recordWaiting(1);
    if (waiter.priority !== 0) this.#prioritised = true;
    if (waiter.deadlineAt < this.#timerAt) this.#arm(waiter.deadlineAt);
    else if (this.#size === 1) this.#timer?.ref();
  }

  /** Takes back a request, with the reason its caller gets. */
  withdraw(waiter: Waiter, reason: unknown): void {
    if (waiter.ended) return;
    waiter.fail(reason);
    this.#removed();
    this.#changed();
  }

  /** Who is next. */
  head(): Waiter | undefined {
    const waiters = this.#waiters;
    while (this.#first < waiters.length && waiters[this.#first]?.ended === true) this.#first += 1;
    if (this.#first > 1024 || this.#first === waiters.length) {
      waiters.splice(0, this.#first);
      this.#first = 0;
    }
    if (this.#size === 0) return undefined;
    if (this.#prioritised) this.#promote();
    return waiters[this.#first];
  }

  /** Removes whom {@link head} just answered, for the caller to settle. */
  shift(): void {
    this.#first += 1;
    this.#removed();
  }

  #removed(): void {
    this.#size -= 1;
    recordWaiting(-1);
    if (this.#size === 0) {
      this.#waiters = [];
      this.#first = 0;
      this.#prioritised = false;
      this.#timer?.unref(); // cheaper than starting another one for the next who waits
    } else if (this.#waiters.length - this.#first > 2 * this.#size + 64) {
      this.#waiters = this.#waiters.filter((waiter, at) => at >= this.#first && !waiter.ended);
      this.#first = 0;
    }
  }

  /** Brings the most urgent request to the front. Nobody who was passed often enough is passed again. */
  #promote(): void {
    const waiters = this.#waiters;
    let best = this.#first;
    for (let at = this.#first; at < waiters.length; at += 1) {
      const candidate = waiters[at];
      if (candidate === undefined || candidate.ended) continue;
      if (candidate.priority > (waiters[best]?.priority ?? 0)) best = at;
      if (candidate.passed >= passLimit) break;
    }
    if (best === this.#first) return;
    const [urgent] = waiters.splice(best, 1);
    if (urgent === undefined) return;
    for (let at = this.#first; at < best; at += 1) {
      const overtaken = waiters[at];
      if (overtaken !== undefined) overtaken.passed += 1;
    }
    waiters.splice(this.#first, 0, urgent);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#expire(), Math.min(Math.max(at - monotonicMs(), 0), longestTimerMs));
  }

  #expire(): void {
    this.#timer = undefined;
    this.#timerAt = Infinity;
    const now = monotonicMs();
    const pending = this.#waiters.slice(this.#first).filter(({ ended }) => !ended);
    let nextAt = Infinity;
    for (const waiter of pending) {
      if (waiter.deadlineAt > now) {
        nextAt = Math.min(nextAt, waiter.deadlineAt);
        continue;
      }
      waiter.settle("expired", now);
      this.#removed();
    }
    if (nextAt < this.#timerAt) this.#arm(nextAt);
    if (pending.length > 0) this.#changed();
  }
}
