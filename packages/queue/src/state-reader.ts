import type { LogDraft, StoreLog, StoreLogCursor } from "@flockwork/core";
import { isStoredEvent } from "./is-stored-event.ts";
import { isJobLine, type JobLine } from "./job-line.ts";
import { isPacked, unpack, type StoredEvent } from "./packed-event.ts";
import { applyEvent } from "./state/apply-event.ts";
import { QueueState } from "./state/queue-state.ts";

/** Tries of a reader without a lock, while others rewrite the files under it. */
const mostTries = 100;

/**
 * Keeps the state up to date with the two files, reading only what is new.
 *
 * Decisions are applied to the state as they are made, before they are written. They come by again when they are read: what
 * is expected is passed over, and when something else comes in its place, or nothing, they were not written, and the state
 * is read anew from the beginning.
 */
export class StateReader {
  expectedJobs: JobLine[] = [];
  expectedEvents: StoredEvent[] = [];
  readonly #tasks: StoreLog<unknown>;
  readonly #events: StoreLog<unknown>;
  readonly #clockName: string;
  readonly #onNews: () => void;
  #state: QueueState;
  #tasksCursor: StoreLogCursor<unknown>;
  #eventsCursor: StoreLogCursor<unknown>;
  /** The files were rewritten, or did not take what was decided: the state is not what they add up to. */
  #isStale = false;
  #newEvents: StoredEvent[] = [];

  #newJobs = 0;

  /** @param onNews - Called when something was read that others had written. */
  constructor(
    files: { readonly tasks: StoreLog<unknown>; readonly events: StoreLog<unknown> },
    clockName: string,
    onNews: () => void,
  ) {
    this.#tasks = files.tasks;
    this.#events = files.events;
    this.#clockName = clockName;
    this.#onNews = onNews;
    this.#state = new QueueState(clockName);
    this.#tasksCursor = this.#tasks.cursor();
    this.#eventsCursor = this.#events.cursor();
  }

  /** How far the files have been read. */
  get tasksPosition(): number {
    return this.#tasksCursor.position;
  }

  get eventsPosition(): number {
    return this.#eventsCursor.position;
  }

  /** What was decided may not have been written: the next reading begins anew. */
  distrust(): void {
    this.#isStale = true;
  }

  /** The state under the lock, which both files share: exactly what they hold. */
  async readLocked(draft: LogDraft<unknown>): Promise<QueueState> {
    for (;;) {
      if (this.#isStale) this.#restart();
      await draft.advance(this.#tasksCursor, this.#tasksSink);
      await draft.advance(this.#eventsCursor, this.#eventsSink);
      const unwritten = this.expectedJobs.length > 0 || this.expectedEvents.length > 0;
      if (!this.#isStale && !unwritten) return this.#fold();
      this.#isStale = true;
    }
  }

  /** The state without a lock: as the files were at some moment of this call. */
  async read(): Promise<QueueState> {
    for (let tries = 1; ; tries += 1) {
      if (this.#isStale) this.#restart();
      await this.#tasksCursor.advance(this.#tasksSink);
      await this.#eventsCursor.advance(this.#eventsSink);
      // Events may be of jobs that came after the first look; and a rewrite between the two looks must not go unnoticed.
      await this.#tasksCursor.advance(this.#tasksSink);
      if (!this.#isStale) return this.#fold();
      if (tries === mostTries) throw new Error("The queue is rewritten again and again while it is read");
    }
  }

  readonly #tasksSink = {
    apply: (record: unknown): void => {
      if (!isJobLine(record)) {
        this.#state.foreign += 1;
        return;
      }
      const expected = this.expectedJobs[0];
      if (expected === undefined) {
        this.#newJobs += 1;
        return this.#trusted(() => this.#state.addJob(record));
      }
      if (expected.id === record.id) this.expectedJobs.shift();
      else this.#isStale = true;
    },
    reset: (): void => void (this.#isStale = true),
  };

  readonly #eventsSink = {
    apply: (record: unknown): void => {
      if (!isStoredEvent(record)) {
        this.#state.foreign += 1;
        return;
      }
      const expected = this.expectedEvents[0];
      if (expected === undefined) this.#newEvents.push(record);
      else if (isSameEvent(expected, record)) this.expectedEvents.shift();
      else this.#isStale = true;
    },
    reset: (): void => void (this.#isStale = true),
  };

  #fold(): QueueState {
    const events = this.#newEvents;
    if (events.length + this.#newJobs === 0) return this.#state;
    this.#newEvents = [];
    this.#newJobs = 0;
    const state = this.#state;
    this.#trusted(() => {
      for (const event of events) unpack(event, (each) => applyEvent(state, each));
    });
    this.#onNews();
    return this.#state;
  }

  /** Changes the state. What ends in the middle leaves one that is not what the files add up to. */
  #trusted(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.distrust();
      throw error;
    }
  }

  #restart(): void {
    this.#isStale = false;
    this.#state = new QueueState(this.#clockName);
    this.#newEvents = [];
    this.expectedJobs.length = 0;
    this.expectedEvents.length = 0;
    this.#tasksCursor = this.#tasks.cursor();
    this.#eventsCursor = this.#events.cursor();
  }
}

function isSameEvent(one: StoredEvent, other: StoredEvent): boolean {
  return one.type === other.type && one.at === other.at && subjectOf(one) === subjectOf(other);
}

/** Whom an event is about, so far as it must be told from others of the same instant. */
function subjectOf(event: StoredEvent): string | undefined {
  if (isPacked(event)) return event.tokens[0];
  if ("token" in event) return event.token;
  return "job" in event ? event.job : "by" in event ? event.by : undefined;
}
