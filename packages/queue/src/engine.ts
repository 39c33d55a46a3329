/**
 * The queue of one process: the state in memory, and the calls that wait to change it.
 *
 * Calls of the same kind that wait together are decided together, in one hold of the lock and with one write: those that
 * enqueue on `tasks.jsonl`, all others on `events.jsonl`. Both files have one lock, so each decision sees both as they are.
 * What a call adds so is one record, or records of which each stands for itself; several jobs that were enqueued together are a
 * commit of their own. A crash leaves no half of a decision.
 */
import {
  instantOf,
  type Clock,
  type LogDraft,
  type Store,
  type StoreEntry,
  type StoreLog,
} from "@flockwork/core";
import { Decisions, type Decide } from "./decide/decision.ts";
import type { JobLine } from "./job-line.ts";
import { EventPacker, type StoredEvent } from "./packed-event.ts";
import type { QueueEvent } from "./event.ts";
import { Doorbell } from "./doorbell.ts";
import type { QueueState } from "./state/queue-state.ts";
import { Turns } from "./turns.ts";
import { StateReader } from "./state-reader.ts";

/** What the two files hold, or are to hold. */
export interface BothFiles<New = never> {
  readonly jobs: readonly StoreEntry<unknown>[];
  readonly events: readonly (StoreEntry<unknown> | New)[];
}

export interface EngineParts {
  readonly store: Store;
  readonly tasks: StoreLog<unknown>;
  readonly events: StoreLog<unknown>;
  readonly clock: Clock;
}

interface Waiting {
  readonly decide: Decide<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls that wait for one of the files. */
interface Line {
  readonly log: StoreLog<unknown>;
  readonly isTasks: boolean;
  waiting: Waiting[];
  running: boolean;
}

export class QueueEngine {
  readonly doorbell: Doorbell;
  readonly #parts: EngineParts;
  readonly #reader: StateReader;
  readonly #turns = new Turns();
  readonly #tasks: Line;
  readonly #events: Line;
  readonly #busy = new Set<Promise<void>>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    const clockName = instantOf(parts.clock).monotonic?.clock ?? "";
    this.#reader = new StateReader(parts, clockName, () => this.doorbell.ring());
    this.doorbell = new Doorbell([
      { log: parts.tasks, position: () => this.#reader.tasksPosition },
      { log: parts.events, position: () => this.#reader.eventsPosition },
    ]);
    this.#tasks = { log: parts.tasks, isTasks: true, waiting: [], running: false };
    this.#events = { log: parts.events, isTasks: false, waiting: [], running: false };
  }

  /** Decides something that only enqueues. Rejects with what the decision threw, or with what became of the write. */
  enqueue<R>(decide: Decide<R>): Promise<R> {
    return this.#perform(this.#tasks, decide);
  }

  /** The same for several jobs, which a crash in the middle of the write must not part: a commit of its own. */
  enqueueTogether<R>(decide: Decide<R>): Promise<R> {
    const { store, tasks } = this.#parts;
    return this.#attended(async () => {
      try {
        const { value } = await store.transact({ tasks }, (drafts) =>
          this.#decide(drafts.tasks, true, decide),
        );
        this.doorbell.ring();
        return value;
      } catch (error) {
        this.distrust();
        throw error;
      }
    });
  }

  /** Decides something that only adds events. Rejects as {@link enqueue}. */
  change<R>(decide: Decide<R>): Promise<R> {
    return this.#perform(this.#events, decide);
  }

  /** Looks at the state as the files have it now, without a lock. `look` is synchronous and changes nothing. */
  async look<R>(look: (state: QueueState, upMs: number) => R): Promise<R> {
    const { clock } = this.#parts;
    return await this.#turns.take(async () => {
      const state = await this.#reader.read();
      state.advance(clock.now());
      return look(state, clock.monotonic());
    });
  }

  /** Makes a decision in a hold of the lock that somebody else has: inside a `transact` that the events are a member of. */
  async within<R>(draft: LogDraft<unknown>, decide: Decide<R>): Promise<R> {
    return await this.#decide(draft, false, decide);
  }

  /** A commit that something was decided in has failed. */
  distrust(): void {
    this.#reader.distrust();
  }

  /** Rewrites both files in one commit. */
  async rewrite(rewrite: (state: QueueState, found: BothFiles) => BothFiles<StoredEvent>): Promise<void> {
    const { store, tasks, events, clock } = this.#parts;
    await store.transact({ tasks, events }, (draft) =>
      this.#turns.take(async () => {
        const state = await this.#reader.readLocked(draft.events);
        state.advance(clock.now());
        const found = { jobs: await draft.tasks.entries(), events: await draft.events.entries() };
        const kept = rewrite(state, found);
        draft.tasks.rewrite(kept.jobs);
        draft.events.rewrite(kept.events);
      }),
    );
    this.doorbell.ring();
  }

  /** Waits for the calls that are going on. */
  async idle(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy);
  }

  #perform<R>(line: Line, decide: Decide<R>): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      line.waiting.push({ decide, resolve: resolve as (value: unknown) => void, reject });
      if (line.running) return;
      line.running = true;
      void this.#attended(() => this.#run(line));
    });
  }

  /** Lets `idle` wait for something. */
  #attended<R>(work: () => Promise<R>): Promise<R> {
    const working = work();
    const over = working.then(ignore, ignore).finally(() => this.#busy.delete(over));
    this.#busy.add(over);
    return working;
  }

  async #run(line: Line): Promise<void> {
    // After this tick's promises: callers that answer the same event are decided together.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (line.waiting.length > 0) await this.#runBatch(line);
    line.running = false;
  }

  async #runBatch(line: Line): Promise<void> {
    const batch = line.waiting;
    line.waiting = [];
    let settle: (() => void)[] = [];
    const decideAll = (decisions: Decisions): void => {
      settle = [];
      let isRefused = true;
      for (const { decide, resolve, reject } of batch) {
        try {
          const value = decide(decisions);
          settle.push(() => resolve(value));
          isRefused = false;
        } catch (error) {
          settle.push(() => reject(error));
        }
      }
      if (!line.isTasks && !isRefused) decisions.tidy(); // who is refused is told that nothing was changed
    };
    try {
      const { changed } = await line.log.transact((draft) => this.#decide(draft, line.isTasks, decideAll));
      if (changed) this.doorbell.ring();
      for (const each of settle) each();
    } catch (error) {
      this.#reader.distrust();
      for (const { reject } of batch) reject(error);
    }
  }

  /** Brings the state up to the present and lets something be decided: its records are on their way to the draft's log. */
  #decide<R>(draft: LogDraft<unknown>, isTasks: boolean, decide: Decide<R>): Promise<R> {
    return this.#turns.take(async () => {
      const state = await this.#reader.readLocked(draft);
      const { wallMs, monotonic } = instantOf(this.#parts.clock);
      state.advance(wallMs);
      const expected: unknown[] = isTasks ? this.#reader.expectedJobs : this.#reader.expectedEvents;
      const append = (...records: readonly unknown[]): void => {
        draft.append(...records);
        for (const record of records) expected.push(record);
      };
      const packer = new EventPacker(append);
      const time = { wallMs, at: new Date(wallMs).toISOString(), upMs: monotonic?.ms ?? 0 };
      const log = {
        addJobs: (lines: readonly JobLine[]) => append(...lines),
        addEvent: (event: QueueEvent) => packer.add(event),
      };
      const value = decide(new Decisions(state, time, log));
      packer.flush();
      return value;
    });
  }
}

function ignore(): void {}
