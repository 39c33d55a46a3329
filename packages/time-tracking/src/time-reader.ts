import { instantOf, type Clock, type Store } from "@flockwork/core";
import type { TimeBook } from "./book/book.ts";
import type { TimeProblem, TimeView } from "./book/time-view.ts";
import { directory } from "./book/open-book.ts";
import { reportOf, type Report, type ReportOptions } from "./out/report.ts";
import { matchesFilter, type TimeFilter } from "./out/time-filter.ts";
import type { TimeEntry } from "./time/entry.ts";
import type { TimeStatus } from "./time-options.ts";
import { Heartbeats } from "./timers/heartbeats.ts";
import { endOf } from "./timers/make-entry.ts";

/** What can be asked of the time of a project without changing it. Nothing here takes a lock. */
export class TimeReader {
  /** What tells the time. */
  readonly clock: Clock;
  /** Where entries and timers are kept. */
  readonly book: TimeBook;
  /** The last signs of life of timers. */
  readonly signs: Heartbeats;

  constructor(store: Store, clock: Clock, book: TimeBook) {
    this.clock = clock;
    this.book = book;
    this.signs = new Heartbeats(store, `${directory}/time-heartbeats.json`, clock);
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

  /** The last heartbeats, by timer. */
  heartbeats(): ReturnType<Heartbeats["all"]> {
    return this.signs.all();
  }

  /** All of it, at one moment. */
  view(): Promise<TimeView> {
    return this.book.read();
  }
}

function byTime(one: TimeEntry, other: TimeEntry): number {
  return one.startedAtMs - other.startedAtMs || (one.id < other.id ? -1 : 1);
}
