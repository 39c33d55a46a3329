/**
 * One lock, seen from inside this process: callers queue here first, and one of them at a time competes with other processes.
 *
 * First come, first served, with priorities; readers that stand together at the head enter together, and none of them
 * passes a writer that waits. A kernel grant may serve a bounded cohort of local writers before it is given back.
 */
import { monotonicMs } from "./clock.ts";
import { Courtesy } from "./courtesy.ts";
import type { HeldLeg } from "./file-lock.ts";
import { recordContention } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, CompetitionEnd, LockPrimitive } from "./lock-primitive.ts";
import { lockSettings } from "./lock-settings.ts";
import { WaiterList, type Waiter } from "./waiter-list.ts";

/** A grant that is passed on is looked at again after this long. */
const verifyAfterMs = 1;

export class LocalQueue {
  readonly primitive: LockPrimitive;
  /** What a caller holds of it, by mode: made once, as every caller's is the same. */
  readonly legs: Readonly<Record<LockMode, readonly [HeldLeg]>>;
  readonly #courtesy: Courtesy;
  readonly #waiters: WaiterList;
  #readers = 0;
  #writing = false;
  /** How this process holds the primitive, whoever of its callers uses it. */
  #heldMode: LockMode | undefined;
  #competition: Competition | undefined;
  #cohort = 0;
  /** When the primitive was granted to this process. */
  #grantedAt = 0;
  #verifiedAt = 0;

  constructor(primitive: LockPrimitive) {
    this.primitive = primitive;
    this.legs = {
      shared: [{ queue: this, mode: "shared" }],
      exclusive: [{ queue: this, mode: "exclusive" }],
    };
    this.#courtesy = new Courtesy(primitive);
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

  /**
   * One attempt that jumps no queue. Who is ready to wait also leaves others their turn after a contested hold; who is not finds
   * a place in the kernel's queue that was given up, and is on its way out, in nobody's way.
   */
  tryEnter(mode: LockMode, dataPath: string, readyToWait: boolean, now: number = monotonicMs()): Attempt {
    if (this.#waiters.size > 0) return "busy";
    if (readyToWait ? this.#competition !== undefined : !this.#setAside()) return "busy";
    if (readyToWait && this.#courtesy.owedMs(now) > 0) return "busy";
    return this.#enter(mode, dataPath, now);
  }

  /** Queues until the lock is held or the request ends. For whom {@link tryEnter} just answered "busy": it is not tried again. */
  enqueue(waiter: Waiter): void {
    recordContention(this.primitive.lockPath);
    this.#waiters.add(waiter);
    this.#pump(true);
  }

  /** Takes back a request that waits, with the reason its caller gets. */
  withdraw(waiter: Waiter, reason: unknown): void {
    this.#waiters.withdraw(waiter, reason);
  }

  /**
   * Blocks this thread. Only for callers who made sure that no asynchronous holder of this thread has it.
   * Undefined where a pending asynchronous wait cannot be set aside.
   */
  enterSync(mode: LockMode, dataPath: string, timeoutMs: number): Attempt | undefined {
    if (!this.#setAside()) return undefined;
    let outcome: Attempt = "busy";
    try {
      outcome = this.#enter(mode, dataPath, monotonicMs());
      if (outcome === "busy" && timeoutMs > 0) {
        recordContention(this.primitive.lockPath);
        outcome = this.primitive.acquireSync(mode, dataPath, timeoutMs);
        if (outcome === "granted") this.#admit(mode, true, monotonicMs());
      }
      return outcome;
    } finally {
      if (outcome !== "granted") this.#pump();
    }
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
    try {
      this.#courtesy.released(now, now - this.#grantedAt);
      this.primitive.release(now);
    } finally {
      if (this.#waiters.size > 0) this.#pump();
    }
  }

  /** Ends at once what competes in the kernel. False where that takes a turn of the event loop. */
  #setAside(): boolean {
    if (this.#competition?.cancelSync() === false) return false;
    this.#competition = undefined;
    return true;
  }

  #enter(mode: LockMode, dataPath: string, now: number): Attempt {
    if (this.#writing) return "busy";
    if (this.#readers > 0) {
      if (mode === "exclusive" || !this.primitive.mayShare(dataPath)) return "busy";
    } else {
      const outcome = this.primitive.tryAcquire(mode, dataPath);
      if (outcome !== "granted") return outcome;
    }
    this.#admit(mode, false, now);
    return "granted";
  }

  #admit(mode: LockMode, contested: boolean, now: number): void {
    if (this.#heldMode === undefined) {
      this.#cohort = 0;
      this.#grantedAt = now;
      this.#verifiedAt = now;
      this.#courtesy.granted(now, contested);
    }
    this.#heldMode = mode;
    if (mode === "shared") this.#readers += 1;
    else this.#writing = true;
  }

  /** Passes a kernel grant on to the next local writer, within the bounds of a cohort: to others it is one hold. */
  #handOver(now: number): boolean {
    const next = this.#waiters.size > 0 ? this.#waiters.head() : undefined;
    if (next === undefined || next.mode !== "exclusive") return false;
    const { cohortCallers, cohortMs } = lockSettings();
    this.#cohort += 1;
    if (this.#cohort >= cohortCallers || now - this.#grantedAt > cohortMs) return false;
    if (now - this.#verifiedAt > verifyAfterMs) {
      if (!this.#isSound(next.dataPath)) return false;
      this.#verifiedAt = now;
    }
    this.#waiters.shift();
    this.#writing = true;
    next.settle("granted", now);
    return true;
  }

  /** A check that fails for whatever reason only means that the lock is given back and taken anew. */
  #isSound(dataPath: string): boolean {
    try {
      return this.primitive.stillGranted(dataPath);
    } catch {
      return false;
    }
  }

  /**
   * Lets in whoever may enter now, and makes sure that somebody competes for the rest.
   * @param tried - The head was tried for just now.
   */
  #pump(tried = false): void {
    const head = this.#waiters.head();
    if (head === undefined) {
      this.#competition?.cancel();
    } else if (this.held) {
      if (head.mode === "shared" && this.#readers > 0 && this.primitive.mayShare(head.dataPath))
        this.#admitReaders(monotonicMs());
    } else if (this.#competition === undefined) {
      this.#compete(head, tried);
    } else if (this.#competition.mode !== head.mode) {
      this.#competition.cancel();
    }
  }

  #compete(head: Waiter, tried: boolean): void {
    const owedMs = this.#courtesy.owedMs();
    if (owedMs === 0 && !tried && this.#attemptFor(head)) return;
    const competition = this.primitive.compete(head.mode, head.dataPath, owedMs, (end) =>
      this.#conclude(competition, end),
    );
    this.#competition = competition;
  }

  /** A first try on behalf of the head. True when there is nothing to compete for. */
  #attemptFor(head: Waiter): boolean {
    let outcome: Attempt;
    try {
      outcome = this.primitive.tryAcquire(head.mode, head.dataPath);
    } catch (error) {
      this.#failHead(error);
      return true;
    }
    if (outcome === "busy") return false;
    this.#award(head.mode, outcome, false);
    return true;
  }

  #failHead(error: unknown): void {
    const head = this.#waiters.head();
    if (head !== undefined) this.#waiters.shift();
    head?.fail(error);
    this.#pump();
  }

  #conclude(competition: Competition, end: CompetitionEnd): void {
    if (this.#competition !== competition) return; // set aside by a synchronous caller, which left nothing held
    this.#competition = undefined;
    if (end instanceof Error) this.#failHead(end);
    else this.#award(competition.mode, end, competition.contested);
  }

  #award(mode: LockMode, outcome: Attempt, contested: boolean): void {
    const head = this.#waiters.head();
    if (outcome === "granted" && head?.mode === mode) {
      const now = monotonicMs();
      if (mode === "shared") return this.#admitReaders(now, contested);
      this.#waiters.shift();
      this.#admit(mode, contested, now);
      return head.settle("granted", now);
    }
    if (outcome === "granted") {
      this.#giveBack(); // whoever wanted it is gone
    } else if (outcome === "moved" && head !== undefined) {
      this.#waiters.shift();
      head.settle("moved", monotonicMs());
    }
    this.#pump();
  }

  /** Nobody is left to hear of a failure; the lock is free all the same, for its descriptor is closed. */
  #giveBack(): void {
    try {
      this.primitive.release(monotonicMs());
    } catch (error) {
      process.emitWarning(error instanceof Error ? error : String(error));
    }
  }

  #admitReaders(now: number, contested = false): void {
    const admitted: Waiter[] = [];
    for (let next = this.#waiters.head(); next?.mode === "shared"; next = this.#waiters.head()) {
      this.#waiters.shift();
      this.#admit("shared", contested, now);
      admitted.push(next);
    }
    // All are in before the first is told: it may leave at once.
    for (const reader of admitted) reader.settle("granted", now);
  }
}
