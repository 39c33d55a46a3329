// Longer than other files: it is the list of calls that users see, each of a few lines; what they do stands elsewhere.
import {
  fileStore,
  instantOf,
  systemClock,
  type Clock,
  type Store,
  type StoreDocument,
  type WaitOptions,
} from "@flockwork/core";
import { randomUUID } from "node:crypto";
import { checkId, checkInstant, checkOptionalText, checkWord, type InstantLike } from "./arguments.ts";
import { Billing } from "./billing/billing.ts";
import { emptyLedger, ledgerSchema, whyLocked, type Ledger } from "./billing/ledger.ts";
import type { TimeBook } from "./book/book.ts";
import { DocumentBook } from "./book/document-book.ts";
import { JournalBook } from "./book/journal-book.ts";
import type { TimeProblem, TimeView } from "./book/time-view.ts";
import { TimerNotRunningError } from "./errors.ts";
import { rateOf } from "./money/rates.ts";
import { matchesFilter, reportOf, type Report, type ReportOptions, type TimeFilter } from "./out/report.ts";
import type { TimeEntry } from "./time/entry.ts";
import { checkTimeZone, systemTimeZone } from "./time/local-day.ts";
import type {
  AddOptions,
  OpenTimeTrackingOptions,
  StartOptions,
  TimeReceipt,
  TimerOptions,
  TimeStatus,
} from "./time-options.ts";
import { Batches, type Committed, type Operation } from "./timers/batch.ts";
import type { Board } from "./timers/board.ts";
import { addEntry, confirmEntry, editEntry, removeEntry, undoOperation } from "./timers/edit-entry.ts";
import { Heartbeats } from "./timers/heartbeats.ts";
import { endOf } from "./timers/make-entry.ts";
import { readAddition, readChoice, readEdit, readStart, type EditOptions } from "./timers/read-options.ts";
import { recoverTimer, whyOver, type Recovered } from "./timers/recover.ts";
import type { TimerRules } from "./timers/rules.ts";
import { resumeTimer, startTimer, switchTimer, type TimerOutcome } from "./timers/start-timer.ts";
import {
  pauseTimer,
  requirePaused,
  requireRunning,
  settleIdle,
  stopTimer,
  type IdleAction,
} from "./timers/stop-timer.ts";
import { lastUndoable, partsOf } from "./timers/undo.ts";
import { shapeNamed } from "./variants/detect.ts";

const directory = ".flowforge/billing";

/**
 * Opens the time of a project: `.flowforge/billing/time-tracking.json`. Nothing is read or created until it is asked for.
 * FlowForge's own scripts and this exclude each other.
 *
 * @param place - The directory of the project, or a store that is opened on it.
 * @throws {TypeError | RangeError} naming the option.
 * @example
 * const time = openTimeTracking(".");
 * await time.start({ taskId: "142", actorId: "ada" });
 * await time.stop({ actorId: "ada" });
 */
export function openTimeTracking(place: string | Store, options: OpenTimeTrackingOptions = {}): TimeTracking {
  if (typeof place === "string") return new TimeTracking(fileStore(place), options);
  if (typeof place === "object" && place !== null && "transact" in place)
    return new TimeTracking(place, options);
  throw new TypeError("place must be the path of a directory, or a store");
}

/** The time of one project. Made by {@link openTimeTracking}. Holds nothing open: keep it or drop it. */
export class TimeTracking {
  /** The store it lies in: for sessions, and for commits of your own. */
  readonly store: Store;
  /** Rates, invoices, budgets, sealed periods. */
  readonly billing: Billing;
  /** The zone of work that names none. */
  readonly timeZone: string;
  /** What tells the time. */
  readonly clock: Clock;
  /** Where entries and timers are kept. */
  readonly book: TimeBook;
  readonly #heartbeats: Heartbeats;
  readonly #ledger: StoreDocument<Ledger>;
  readonly #batches: Batches;
  readonly #maxPerOwner: number;
  readonly #newId: () => string;

  constructor(store: Store, options: OpenTimeTrackingOptions = {}) {
    const { clock = systemClock, timeZone = systemTimeZone(), maxPerOwner = Infinity, newId } = options;
    this.store = store;
    this.clock = clock;
    this.timeZone = checkTimeZone("timeZone", timeZone);
    if (maxPerOwner !== Infinity && !(Number.isSafeInteger(maxPerOwner) && maxPerOwner >= 1))
      throw new RangeError("maxPerOwner must be a whole number of 1 or more, or Infinity");
    this.#maxPerOwner = maxPerOwner;
    this.#newId = newId ?? (() => randomUUID().replaceAll("-", "").slice(0, 20));
    this.book = openBook(store, options, this.timeZone);
    this.#heartbeats = new Heartbeats(store, `${directory}/time-heartbeats.json`, clock);
    this.#ledger = store.document<Ledger>({
      name: `${directory}/ledger.json`,
      schema: ledgerSchema,
      defaults: emptyLedger,
      durability: options.durability,
    });
    this.#batches = new Batches(store, this.book, () => this.rules());
    this.billing = new Billing(this, this.#ledger);
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
    const { process } = options;
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
    const sinceMs = checkInstant("since", options.since);
    const action = checkWord("action", options.action, ["discard", "keep", "split"]);
    if (action === undefined) throw new TypeError("action must be discard, keep or split");
    const attempt = `settle idle time of ${choice.actorId}`;
    return this.#timer("idle", choice.actorId, options, (board) =>
      settleIdle(board, requireRunning(board, attempt, choice), sinceMs, action),
    );
  }

  /** Adds time by hand. @throws {OverlapError | EntryLockedError} nothing was changed. */
  async add(options: AddOptions): Promise<TimeReceipt> {
    const addition = readAddition(options, this.timeZone);
    return this.#entry("add", addition.actorId, options, (board) => addEntry(board, addition));
  }

  /** Changes an entry. @throws {TimeNotFoundError | OverlapError | EntryLockedError} nothing was changed. */
  async edit(id: string, changes: EditOptions, wait: WaitOptions = {}): Promise<TimeReceipt> {
    const fields = readEdit(changes);
    return this.#entry("edit", undefined, wait, (board) => editEntry(board, checkId("id", id), fields));
  }

  /** Removes an entry. @throws {TimeNotFoundError | EntryLockedError} nothing was changed. */
  async remove(id: string, wait: WaitOptions = {}): Promise<TimeReceipt> {
    return this.#entry("remove", undefined, wait, (board) => removeEntry(board, checkId("id", id)));
  }

  /** Accepts the end that a recovery inferred, or sets a better one. @throws {TimeNotFoundError | TimeConflictError | OverlapError} */
  async confirm(
    id: string,
    options: WaitOptions & { readonly endedAt?: InstantLike | undefined } = {},
  ): Promise<TimeReceipt> {
    const endedAtMs = options.endedAt === undefined ? undefined : checkInstant("endedAt", options.endedAt);
    return this.#entry("confirm", undefined, options, (board) =>
      confirmEntry(board, checkId("id", id), endedAtMs),
    );
  }

  /**
   * Takes back the newest operation that was not taken back yet: of an actor, or of anybody.
   * @throws {TimeConflictError} nothing is left to undo, there is no history, or somebody changed it since. Nothing was changed.
   */
  async undo(options: WaitOptions & { readonly actorId?: string | undefined } = {}): Promise<TimeReceipt> {
    const { actorId } = options;
    const choose = (history: Parameters<typeof lastUndoable>[0]): string => lastUndoable(history, actorId);
    const { record, durability } = await this.submit(
      {
        what: "undo",
        actorId,
        choose,
        run: (board, history) => undoOperation(board, partsOf(history, choose(history))),
      },
      options,
    );
    const entries = record.changes.flatMap(({ kind, after }) =>
      kind === "entry" && after !== null ? [after] : [],
    );
    return { entries, op: record.op, changed: record.changes.length > 0, durability };
  }

  /** Notes that the running timer of an actor lives. @throws {TimerNotRunningError} it was ended: whoever runs it must stop. */
  async heartbeat(options: TimerOptions = {}): Promise<void> {
    const choice = readChoice(options);
    const { timers } = await this.book.read();
    const timer = timers.find(({ actorId, state }) => actorId === choice.actorId && state === "running");
    if (timer === undefined)
      throw new TimerNotRunningError(
        "note a heartbeat",
        choice.actorId,
        `${choice.actorId} has no timer that runs`,
      );
    await this.#heartbeats.beat(timer.id, timers);
  }

  /**
   * Ends the timers whose process is proven gone, or that promised heartbeats and gave none: at their last sign of life, as
   * entries that await `confirm`. Any process may, at any time; nothing to do costs no lock.
   */
  async recover(wait: WaitOptions = {}): Promise<readonly Recovered[]> {
    const now = instantOf(this.clock);
    let heartbeats = await this.#heartbeats.all();
    const over = (await this.book.read()).timers.filter((timer) => whyOver(timer, heartbeats[timer.id], now));
    if (over.length === 0) return [];
    const { value } = await this.submit(
      {
        what: "recover",
        // A heartbeat may have come meanwhile.
        prepare: async () => void (heartbeats = await this.#heartbeats.all()),
        run: (board) =>
          over.flatMap(({ id }) => {
            const timer = board.timer(id);
            const why = timer && whyOver(timer, heartbeats[id], board.rules.now);
            return timer === undefined || why === undefined
              ? []
              : [recoverTimer(board, timer, heartbeats[id], why)];
          }),
      },
      wait,
    );
    return value;
  }

  /** Who works on what, now. Takes no lock. */
  async status(options: { readonly actorId?: string | undefined } = {}): Promise<TimeStatus> {
    const view = await this.book.read();
    const now = instantOf(this.clock);
    const isMeant = ({ actorId }: { readonly actorId: string }): boolean =>
      options.actorId === undefined || actorId === options.actorId;
    const timers = view.timers.filter(isMeant);
    return {
      running: timers
        .filter(({ state }) => state === "running")
        .map((timer) => ({ ...timer, elapsedMs: endOf(timer, now) - timer.startedAtMs })),
      paused: timers.filter(({ state }) => state === "paused"),
      recovered: view.entries().filter((entry) => entry.state === "recovered" && isMeant(entry)),
    };
  }

  /** The entries that match, in order of time. Takes no lock. */
  async entries(filter: TimeFilter = {}): Promise<readonly TimeEntry[]> {
    const { from = "", through = "9999-99-99" } = filter;
    return (await this.book.read())
      .entries()
      .filter((entry) => matchesFilter(entry, filter) && entry.localDay >= from && entry.localDay <= through)
      .toSorted(byTime);
  }

  /** What the time comes to, by actor, task, client, day, week, …. Takes no lock. */
  async report(options: ReportOptions = {}): Promise<Report> {
    return reportOf((await this.book.read()).entries(), options);
  }

  /** Records of the file that cannot be told the time of. They stay as they are and count for nothing. */
  async problems(): Promise<readonly TimeProblem[]> {
    return (await this.book.read()).problems();
  }

  /** Runs an operation of your own on the board, in one commit with what else waits. */
  submit<R>(operation: Operation<R>, wait: WaitOptions = {}): Promise<Committed<R>> {
    return this.#batches.submit(operation, { timeoutMs: wait.timeoutMs, signal: wait.signal });
  }

  /** What operations go by now. To be asked for under the lock of the book. */
  async rules(): Promise<TimerRules> {
    const { seals, rates } = await this.#ledger.read();
    return {
      now: instantOf(this.clock),
      maxPerOwner: this.#maxPerOwner,
      whyLocked: (entry) => whyLocked(seals as Ledger["seals"], entry),
      rateOf: (work) => rateOf(rates as Ledger["rates"], work),
      newId: this.#newId,
    };
  }

  /** The last heartbeats, by timer. */
  heartbeats(): ReturnType<Heartbeats["all"]> {
    return this.#heartbeats.all();
  }

  /** All of it, at one moment. */
  view(): Promise<TimeView> {
    return this.book.read();
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

  async #entry(
    what: string,
    actorId: string | undefined,
    wait: WaitOptions,
    run: (board: Board) => TimeEntry,
  ): Promise<TimeReceipt> {
    const { value, record, durability } = await this.submit({ what, actorId, run }, wait);
    return { entries: [value], op: record.op, changed: record.changes.length > 0, durability };
  }
}

function byTime(one: TimeEntry, other: TimeEntry): number {
  return one.startedAtMs - other.startedAtMs || (one.id < other.id ? -1 : 1);
}

function openBook(store: Store, options: OpenTimeTrackingOptions, timeZone: string): TimeBook {
  const { mode = "document", file, variant = "hours", history = true, durability = "disk" } = options;
  checkWord("mode", mode, ["document", "journal"]);
  if (mode === "journal")
    return new JournalBook(store, file ?? `${directory}/time-journal.jsonl`, durability);
  return new DocumentBook(store, {
    file: file ?? `${directory}/time-tracking.json`,
    historyFile: history ? `${directory}/time-history.jsonl` : undefined,
    variant: shapeNamed(variant).name,
    actorId: checkId("defaultActorId", options.defaultActorId ?? "developer"),
    timeZone,
    durability,
  });
}
