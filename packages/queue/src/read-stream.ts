import type { StoreLog } from "@flockwork/core";
import type { Doorbell } from "./doorbell.ts";
import type { QueueEvent } from "./event.ts";
import { isStoredEvent } from "./is-stored-event.ts";
import { unpack } from "./packed-event.ts";
import { isJobLine, type JobLine } from "./job-line.ts";

/** A job that came: its line of `tasks.jsonl`. */
export interface EnqueuedEvent<Payload = unknown> {
  readonly type: "enqueued";
  readonly at: string;
  readonly job: string;
  readonly line: JobLine & { readonly payload: Payload };
}

/**
 * What happened. A job's `enqueued` comes before its other events, and those in order. After a compaction, everything that was
 * kept comes again, beginning with its `enqueued`s.
 */
export interface StreamedEvent<Payload = unknown> {
  readonly event: EnqueuedEvent<Payload> | QueueEvent;
  /**
   * Where to go on after it: `events({ from })`. Good until the next compaction. Events that were written as one line begin
   * again with the first of them.
   */
  readonly next: string;
}

export interface StreamOptions {
  /** `next` of an event that was seen. Default: the beginning. */
  readonly from?: string | undefined;
  /** Ends the stream, without an error. */
  readonly signal?: AbortSignal | undefined;
}

interface Files {
  readonly tasks: StoreLog<unknown>;
  readonly events: StoreLog<unknown>;
}

/** Looked at this often even if nothing is announced. */
const pollMs = 1_000;

export async function* readStream<Payload>(
  files: Files,
  doorbell: Doorbell,
  options: StreamOptions,
): AsyncGenerator<StreamedEvent<Payload>, void, undefined> {
  const leave = doorbell.attend();
  try {
    yield* follow<Payload>(files, doorbell, options);
  } finally {
    await leave();
  }
}

async function* follow<Payload>(
  { tasks, events }: Files,
  doorbell: Doorbell,
  { from = "0.0", signal = new AbortController().signal }: StreamOptions,
): AsyncGenerator<StreamedEvent<Payload>, void, undefined> {
  const [tasksFrom, eventsFrom] = parsePosition(from);
  const followedTasks = new Followed(tasks, tasksFrom);
  const followedEvents = new Followed(events, eventsFrom);
  while (!signal.aborted) {
    const rung = doorbell.rings;
    // Events first: the jobs they are of came before them, so they are among the jobs that are read then.
    const happened = await followedEvents.take();
    const came = await followedTasks.take();
    let tasksNext = followedTasks.taken;
    const eventsNext = (): number => followedEvents.taken;
    for (const { record, position } of came) {
      tasksNext = position + 1;
      if (!isJobLine(record)) continue;
      const line = record as JobLine & { readonly payload: Payload };
      const next = `${tasksNext}.${happened[0]?.position ?? eventsNext()}`;
      yield { event: { type: "enqueued", at: line.at, job: line.id, line }, next };
      if (signal.aborted) return;
    }
    for (const { record, position } of happened) {
      if (!isStoredEvent(record)) continue;
      const facts: QueueEvent[] = [];
      unpack(record, (event) => void facts.push(event));
      for (const [index, event] of facts.entries()) {
        const isLast = index === facts.length - 1;
        yield { event, next: `${tasksNext}.${isLast ? position + 1 : position}` };
        if (signal.aborted) return;
      }
    }
    if (came.length + happened.length > 0) continue;
    if (doorbell.closed) return;
    await doorbell.wait(pollMs, signal, rung);
  }
}

/** A log, read piece by piece. */
class Followed {
  readonly #cursor: ReturnType<StoreLog<unknown>["cursor"]>;
  #from: number;
  #found: { readonly record: unknown; readonly position: number }[] = [];

  constructor(log: StoreLog<unknown>, from: number) {
    this.#cursor = log.cursor();
    this.#from = from;
  }

  /** The position after what was taken last. */
  get taken(): number {
    return Math.max(this.#from, this.#cursor.position);
  }

  async take(): Promise<readonly { readonly record: unknown; readonly position: number }[]> {
    this.#found = [];
    await this.#cursor.advance({
      apply: (record, { position }) => {
        if (position >= this.#from) this.#found.push({ record, position });
      },
      reset: () => {
        this.#from = 0;
        this.#found = [];
      },
    });
    return this.#found;
  }
}

function parsePosition(from: string): readonly [number, number] {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(from);
  if (match === null)
    throw new RangeError(`from must be the \`next\` of an event, got ${JSON.stringify(from)}`);
  return [Number(match[1]), Number(match[2])];
}
