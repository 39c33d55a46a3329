/**
 * One lock, seen from inside this process: callers queue here first, and one of them at a time competes with other processes.
 *
 * First come, first served, with priorities; readers that stand together at the head enter together, and none of them
 * passes a writer that waits. A kernel grant may serve a bounded cohort of local writers before it is given back.
 */
import { monotonicMs } from "./clock.ts";
import { recordContention } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, LockPrimitive } from "./lock-primitive.ts";
import { lockSettings } from "./lock-settings.ts";
import { WaiterList, type Waiter } from "./waiter-list.ts";

/** After a contested grant, this many releases leave the others a moment before this process competes again. */
const politeReleases = 4;
const politeMs = 1;

export class LocalQueue {
  readonly primitive: LockPrimitive;
  readonly #waiters: WaiterList;
  #readers = 0;
  #writing = false;
  /** How this process holds the primitive, whoever of its callers uses it. */
  #heldMode: LockMode | undefined;
  #competition: Competition | undefined;
  #cohort = 0;
  /** When the primitive was granted to this process. */
  #grantedAt = 0;
  #politeCredit = 0;
  #politeUntil = 0;

  constructor(primitive: LockPrimitive) {
    this.primitive = primitive;
    this.#waiters = new WaiterList(() => this.#pump());
  }

  /** Nothing held, nobody waiting: the queue may be forgotten. */
  get idle(): boolean {
    return !this.held && this.#waiters.size === 0 && this.#competition === undefined;
  }

  get held(): boolean {
    return this.#writing || this.#readers > 0;
  }

  get heldMode(): LockMode | undefined {
    return this.#writing ? "exclusive" : this.#readers > 0 ? "shared" : undefined;
  }

  get heldForMs(): number | undefined {
    return this.held ? monotonicMs() - this.#grantedAt : undefined;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes back a request that waits, with the reason its caller gets. */
  withdraw(waiter: Waiter, reason: unknown): void {
    this.#waiters.withdraw(waiter, reason);
  }

  /** One attempt that jumps no queue. */
  tryEnter(mode: LockMode, dataPath: string): Attempt {
    if (this.#waiters.size > 0 || this.#competition !== undefined) return "busy";
    if (this.#politeUntil > 0 && this.#politeUntil > monotonicMs()) return "busy";
    return this.#enter(mode, dataPath);
  }

  /** Queues until the lock is held or the request ends. */
  enqueue(waiter: Waiter): void {
    this.#waiters.add(waiter);
    this.#pump();
  }

  /**
   * Blocks this thread. Only for callers who made sure that no asynchronous holder of this thread has it.
   * Undefined where a pending asynchronous wait cannot be set aside.
   */
  enterSync(mode: LockMode, dataPath: string, timeoutMs: number): Attempt | undefined {
    if (this.#competition !== undefined) {
      if (!this.#competition.cancelSync()) return undefined;
      this.#competition = undefined;
    }
    let outcome = this.#enter(mode, dataPath);
    if (outcome === "busy" && timeoutMs > 0) {
      outcome = this.primitive.acquireSync(mode, dataPath, timeoutMs);
      if (outcome === "granted") this.#admit(mode, true);
    }
    if (outcome !== "granted") this.#pump();
    return outcome;
  }

  leave(mode: LockMode, now: number = monotonicMs()): void {
    if (mode === "shared") {
      this.#readers -= 1;
      if (this.#readers > 0) return;
    } else {
      this.#writing = false;
      if (this.#handOver(now)) return;
    }
    this.#heldMode = undefined;
    this.primitive.release(now);
    if (this.#politeCredit > 0) {
      this.#politeCredit -= 1;
      this.#politeUntil = now + politeMs;
    }
    if (this.#waiters.size > 0) this.#pump();
  }

  #enter(mode: LockMode, dataPath: string): Attempt {
    if (this.#writing || (this.#readers > 0 && mode === "exclusive")) return "busy";
    if (this.#heldMode === undefined) {
      const outcome = this.primitive.tryAcquire(mode, dataPath);
      if (outcome !== "granted") return outcome;
    }
    this.#admit(mode, false);
    return "granted";
  }

  #admit(mode: LockMode, contested: boolean): void {
    if (this.#heldMode === undefined) {
      this.#cohort = 0;
      this.#grantedAt = monotonicMs();
      if (contested) this.#politeCredit = politeReleases;
    }
    this.#heldMode = mode;
    this.#politeUntil = 0;
    if (mode === "shared") this.#readers += 1;
    else this.#writing = true;
  }

  /** Passes a kernel grant on to the next local writer, within the bounds of a cohort. */
  #handOver(now: number): boolean {
    const next = this.#waiters.size > 0 ? this.#waiters.head() : undefined;
    if (next === undefined || next.mode !== "exclusive") return false;
    const { cohortCallers, cohortMs } = lockSettings();
    this.#cohort += 1;
    if (this.#cohort >= cohortCallers || now - this.#grantedAt > cohortMs) return false;
    this.#waiters.shift();
    this.#writing = true;
    next.settle("granted");
    return true;
  }

  /** Lets in whoever may enter now, and makes sure that somebody competes for the rest. */
  #pump(): void {
    const head = this.#waiters.head();
    if (head === undefined || this.held) {
      if (head === undefined) this.#competition?.cancel();
      else if (head.mode === "shared" && this.#readers > 0) this.#admitReaders();
      return;
    }
    if (this.#competition !== undefined) {
      if (this.#competition.mode !== head.mode) this.#competition.cancel();
      return;
    }
    this.#compete(head);
  }

  #compete(head: Waiter): void {
    const politeForMs = this.#politeUntil > 0 ? this.#politeUntil - monotonicMs() : 0;
    if (politeForMs <= 0 && this.#attemptFor(head)) return;
    const competition = this.primitive.compete(head.mode, head.dataPath, Math.max(politeForMs, 0));
    this.#competition = competition;
    recordContention();
    competition.outcome.then(
      (outcome) => this.#conclude(competition, outcome),
      (error: unknown) => {
        if (this.#competition !== competition) return;
        this.#competition = undefined;
        this.#waiters.shift()?.fail(error);
        this.#pump();
      },
    );
  }

  /** A first try on behalf of the head. True when there is nothing to compete for. */
  #attemptFor(head: Waiter): boolean {
    let outcome: Attempt;
    try {
      outcome = this.primitive.tryAcquire(head.mode, head.dataPath);
    } catch (error) {
      this.#waiters.shift()?.fail(error);
      this.#pump();
      return true;
    }
    if (outcome === "busy") return false;
    this.#award(head.mode, outcome, false);
    return true;
  }

  #conclude(competition: Competition, outcome: Attempt): void {
    if (this.#competition !== competition) return; // set aside by a synchronous caller, which left nothing held
    this.#competition = undefined;
    this.#award(competition.mode, outcome, competition.contested);
  }

  #award(mode: LockMode, outcome: Attempt, contested: boolean): void {
    const head = this.#waiters.head();
    if (outcome === "moved") {
      this.#waiters.shift()?.settle("moved");
    } else if (outcome === "granted") {
      if (head === undefined || head.mode !== mode) {
        this.primitive.release(monotonicMs()); // whoever wanted it is gone
      } else if (mode === "exclusive") {
        this.#waiters.shift();
        this.#admit(mode, contested);
        head.settle("granted");
        return;
      } else {
        this.#admitReaders(contested);
        return;
      }
    }
    this.#pump();
  }

  #admitReaders(contested = false): void {
    for (let next = this.#waiters.head(); next?.mode === "shared"; next = this.#waiters.head()) {
      this.#waiters.shift();
      this.#admit("shared", contested);
      next.settle("granted");
    }
  }
}
