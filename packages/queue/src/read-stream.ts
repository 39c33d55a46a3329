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
   * Where to go on after it: `events({ from })`. After a compaction since, the stream begins again with everything that was kept.
   * Events that were written as one line begin again with the first of them.
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
  const { tasksFrom, eventsFrom, generation } = parsePosition(from);
  const followedTasks = new Followed(tasks, tasksFrom);
  const followedEvents = new Followed(events, eventsFrom, generation);
  while (!signal.aborted) {
    const rung = doorbell.rings;
    // Events first: the jobs they are of came before them, so they are among the jobs that are read then.
    const happened = await followedEvents.take();
    if (followedEvents.isAnew) followedTasks.beginAnew();
    const came = await followedTasks.take();
    let tasksNext = followedTasks.taken;
    const eventsNext = (): number => followedEvents.taken;
    const behind = followedEvents.generation === noGeneration ? "" : `.${followedEvents.generation}`;
    for (const { record, position } of came) {
      tasksNext = position + 1;
      if (!isJobLine(record)) continue;
      const line = record as JobLine & { readonly payload: Payload };
      const next = `${tasksNext}.${happened[0]?.position ?? eventsNext()}${behind}`;
      yield { event: { type: "enqueued", at: line.at, job: line.id, line }, next };
      if (signal.aborted) return;
    }
    for (const { record, position } of happened) {
      if (!isStoredEvent(record)) continue;
      const facts: QueueEvent[] = [];
      unpack(record, (event) => void facts.push(event));
      for (const [index, event] of facts.entries()) {
        const isLast = index === facts.length - 1;
        yield { event, next: `${tasksNext}.${isLast ? position + 1 : position}${behind}` };
        if (signal.aborted) return;
      }
    }
    if (came.length + happened.length > 0) continue;
    if (doorbell.closed) return;
    await doorbell.wait(pollMs, signal, rung);
  }
}

/** Of a queue that was never compacted. */
const noGeneration = "0";

const generationPattern = /^[\w:-]{1,64}$/;

/** What tells a compaction from others: its id, as far as a position can name it, else its time. */
function generationOf({ id, at }: { readonly id?: unknown; readonly at: string }): string {
  if (typeof id === "string" && generationPattern.test(id)) return id;
  return at.replaceAll(/[^\w:-]/g, "-").slice(0, 64);
}

/** A log, read piece by piece. */
class Followed {
  /** Which compaction the positions of the log count from. */
  generation: string = noGeneration;
  /** Set where `from` counted from another one. */
  isAnew = false;
  readonly #cursor: ReturnType<StoreLog<unknown>["cursor"]>;
  #expected: string | undefined;
  #from: number;
  #found: { readonly record: unknown; readonly position: number }[] = [];

  constructor(log: StoreLog<unknown>, from: number, generation?: string) {
    this.#cursor = log.cursor();
    this.#from = from;
    this.#expected = generation;
  }

  /** Passes over nothing, where nothing was taken yet. */
  beginAnew(): void {
    if (this.#cursor.position === 0) this.#from = 0;
  }

  /** The position after what was taken last. */
  get taken(): number {
    return Math.max(this.#from, this.#cursor.position);
  }

  async take(): Promise<readonly { readonly record: unknown; readonly position: number }[]> {
    this.#found = [];
    await this.#cursor.advance({
      apply: (record, { position }) => {
        if (position === 0) this.#beginAt(record);
        if (position >= this.#from) this.#found.push({ record, position });
      },
      reset: () => {
        this.#from = 0;
        this.#found = [];
      },
    });
    return this.#found;
  }

  #beginAt(first: unknown): void {
    const isCompacted = isStoredEvent(first) && first.type === "compacted";
    this.generation = isCompacted ? generationOf(first) : noGeneration;
    if (this.#expected !== undefined && this.#expected !== this.generation) {
      this.isAnew = true;
      this.#from = 0;
    }
    this.#expected = undefined;
  }
}

interface Position {
  readonly tasksFrom: number;
  readonly eventsFrom: number;
  readonly generation: string;
}

function parsePosition(from: string): Position {
  const match = /^(\d{1,15})\.(\d{1,15})(?:\.([\w:-]{1,64}))?$/.exec(from);
  if (match === null)
    throw new RangeError(`from must be the \`next\` of an event, got ${JSON.stringify(from)}`);
  return { tasksFrom: Number(match[1]), eventsFrom: Number(match[2]), generation: match[3] ?? noGeneration };
}
