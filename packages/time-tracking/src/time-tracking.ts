import type { Store, WaitOptions } from "@flockwork/core";
import { checkOptionalProcess, checkOptionalText, type InstantLike } from "./arguments.ts";
import { Billing } from "./billing/billing.ts";
import { EntryKeeping } from "./entry-keeping.ts";
import type { Timer } from "./time/entry.ts";
import type { OpenTimeTrackingOptions, StartOptions, TimeReceipt, TimerOptions } from "./time-options.ts";
import type { Board } from "./timers/board.ts";
import { readChoice, readIdle, readStart } from "./timers/read-options.ts";
import { recoverTimers, type Recovered } from "./timers/recover.ts";
import { resumeTimer, startTimer, switchTimer, type TimerOutcome } from "./timers/start-timer.ts";
import {
  pauseTimer,
  requirePaused,
  requireRunning,
  settleIdle,
  stopTimer,
  type IdleAction,
} from "./timers/stop-timer.ts";

/** The time of one project. Made by {@link openTimeTracking}. Holds nothing open: keep it or drop it. */
export class TimeTracking extends EntryKeeping {
  /** Rates, invoices, budgets, sealed periods. */
  readonly billing: Billing;

  constructor(store: Store, options: OpenTimeTrackingOptions = {}) {
    super(store, options);
    this.billing = new Billing(this, this.ledgerDocument);
  }

  /**
   * Starts a timer. One that the actor paused on the same task goes on.
   * @throws {TimerRunningError | OverlapError | EntryLockedError} nothing was changed. Else as `Store.transact`.
   */
  async start(options: StartOptions): Promise<TimeReceipt> {
    const start = readStart(options, this.timeZone, this.clock.now());
    return this.#timer("start", start.actorId, options, (board) => startTimer(board, start));
  }

  /** Stops what the actor works on, and starts the other, without a gap. Throws as `start`. */
  async switch(options: StartOptions): Promise<TimeReceipt> {
    const start = readStart(options, this.timeZone, this.clock.now());
    return this.#timer("switch", start.actorId, options, (board) => switchTimer(board, start));
  }

  /** Pauses the running timer: what it ran is an entry. @throws {TimerNotRunningError | TimerOwnerError} */
  async pause(options: TimerOptions & { readonly reason?: string | undefined } = {}): Promise<TimeReceipt> {
    const choice = readChoice(options);
    const reason = checkOptionalText("reason", options.reason) ?? "Break";
    const attempt = `pause the timer of ${choice.actorId}`;
    return this.#timer("pause", choice.actorId, options, (board) =>
      pauseTimer(board, requireRunning(board, attempt, choice), reason),
    );
  }

  /** Goes on with the timer that was paused last, or that of a task; `process` is what it ends with from now on. @throws {TimerNotRunningError | TimerRunningError | OverlapError} */
  async resume(
    options: TimerOptions & { readonly process?: StartOptions["process"] } = {},
  ): Promise<TimeReceipt> {
    const choice = readChoice(options);
    const process = checkOptionalProcess("process", options.process);
    return this.#timer("resume", choice.actorId, options, (board) => {
      const paused = requirePaused(board, `resume a timer of ${choice.actorId}`, choice);
      return resumeTimer(board, process === undefined ? paused : { ...paused, process });
    });
  }

  /** Ends the running timer, else the one that was paused last. @throws {TimerNotRunningError | TimerOwnerError} */
  async stop(options: TimerOptions = {}): Promise<TimeReceipt> {
    const choice = readChoice(options);
    return this.#timer("stop", choice.actorId, options, (board) => stopTimer(board, choice));
  }

  /** Settles time in which nobody was there: `discard` it, `keep` it, or `split` it off as not billable. The timer goes on. */
  async idle(
    options: TimerOptions & { readonly since: InstantLike; readonly action: IdleAction },
  ): Promise<TimeReceipt> {
    const choice = readChoice(options);
    const { sinceMs, action } = readIdle(options);
    const attempt = `settle idle time of ${choice.actorId}`;
    return this.#timer("idle", choice.actorId, options, (board) =>
      settleIdle(board, requireRunning(board, attempt, choice), sinceMs, action),
    );
  }

  /** Notes that the running timer of an actor lives. @throws {TimerNotRunningError | TimerOwnerError} it was ended: whoever runs it must stop. */
  async heartbeat(options: TimerOptions = {}): Promise<void> {
    const choice = readChoice(options);
    const { timers } = await this.book.read();
    const running = (wanted: string): Timer | undefined =>
      timers.find(({ actorId, state }) => actorId === wanted && state === "running");
    const timer = requireRunning({ running }, "note a heartbeat", choice);
    await this.signs.beat(timer.id, timers);
  }

  /**
   * Ends the timers whose process is proven gone, or that promised heartbeats and gave none: at their last sign of life, as
   * entries that await `confirm`. Any process may, at any time; nothing to do costs no lock.
   */
  async recover(wait: WaitOptions = {}): Promise<readonly Recovered[]> {
    return recoverTimers(this, wait);
  }

  async #timer(
    what: string,
    actorId: string,
    wait: WaitOptions,
    run: (board: Board) => TimerOutcome,
  ): Promise<TimeReceipt> {
    const { value, record, durability } = await this.submit({ what, actorId, run }, wait);
    return { ...value, op: record.op, changed: record.changes.length > 0, durability };
  }
}
