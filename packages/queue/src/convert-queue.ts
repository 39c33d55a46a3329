/**
 * From one format to the other, and back without loss. What the plain format cannot say is kept in `native.jsonl`, a copy of
 * both files; coming back, what is still in the plain file is what is still to be done. Each step leaves files that the next
 * try can start from.
 */
import { RecordLine, type Store, type StoreEntry, type StoreLog } from "@flockwork/core";
import { newJobId } from "./enqueue-options.ts";
import { JobStateError } from "./errors.ts";
import { isJobLine, type JobLine } from "./job-line.ts";
import { Queue } from "./queue.ts";
import { checkQueueOptions, type QueueOptions } from "./queue-options.ts";

/** What a conversion did. */
export interface Converted {
  /** Jobs, or tasks, to be done in the new format. */
  readonly waiting: number;
  /** Jobs that are kept aside while the queue is plain: delayed, blocked or over. */
  readonly aside: number;
}

/** A line of `native.jsonl`. */
interface Archived {
  /** `waiting`: the ids of the jobs that went into the plain file, in its order. */
  readonly from: "tasks" | "events" | "waiting";
  readonly line: unknown;
}

/**
 * Converts a queue. No worker may run meanwhile, and no program may use the old format afterwards.
 * @throws {JobStateError} to plain, while a job is claimed. Nothing was changed.
 */
export async function convertQueue(
  store: Store,
  format: "plain" | "native",
  options: QueueOptions<unknown> = {},
): Promise<Converted> {
  if (format !== "plain" && format !== "native") throw new TypeError('format must be "plain" or "native"');
  const { directory, layout, durability } = checkQueueOptions(options);
  const log = <T>(name: string): StoreLog<T> =>
    store.log<T>({ name: `${directory}/${name}`, layout, durability, onCorrupt: "quarantine" });
  const files = { tasks: log<unknown>("tasks.jsonl"), events: log<unknown>("events.jsonl") };
  const archive = store.log<Archived>({ name: `${directory}/native.jsonl`, durability });
  const queue = new Queue(store, options);
  try {
    return format === "plain" ? await toPlain(queue, files, archive) : await toNative(queue, files, archive);
  } finally {
    await queue.close();
  }
}

interface Files {
  readonly tasks: StoreLog<unknown>;
  readonly events: StoreLog<unknown>;
}

async function toPlain(
  queue: Queue,
  { tasks, events }: Files,
  archive: StoreLog<Archived>,
): Promise<Converted> {
  let converted: Converted = { waiting: 0, aside: 0 };
  await tasks.rewrite(async (entries) => {
    const [claimed] = await queue.list("claimed");
    if (claimed !== undefined) throw new JobStateError(claimed.id, "claimed", "convert to the plain format");
    const isNative = entries.some(({ record }) => isJobLine(record));
    if (!isNative) return entries; // it is plain already
    const kept: StoreEntry<unknown>[] = [];
    for await (const entry of events.entries()) kept.push(entry);
    const waiting = inOrder(await queue.list("waiting"));
    const copies = [
      ...entries.map((entry) => copyOf("tasks", entry)),
      ...kept.map((entry) => copyOf("events", entry)),
    ];
    await archive.rewrite(() => [...copies, { from: "waiting", line: waiting.map(({ id }) => id) }]);
    const foreign = entries.filter(({ record }) => !isJobLine(record));
    converted = { waiting: waiting.length, aside: entries.length - foreign.length - waiting.length };
    return [...waiting.map(({ payload }) => payload), ...foreign];
  });
  // Until now they were events of jobs that are not there, which mean nothing.
  await events.rewrite(() => []);
  return converted;
}

function inOrder<
  J extends { readonly priority: number; readonly runAt?: string | undefined; readonly enqueuedAt: string },
>(jobs: readonly J[]): J[] {
  const at = ({ runAt, enqueuedAt }: J): number => Date.parse(runAt ?? enqueuedAt);
  return jobs.toSorted((one, other) => one.priority - other.priority || at(one) - at(other));
}

function copyOf(from: Archived["from"], { text }: StoreEntry<unknown>): RecordLine {
  return new RecordLine(`{"from":"${from}","line":${text.trim()}}`);
}

async function toNative(
  queue: Queue,
  { tasks, events }: Files,
  archive: StoreLog<Archived>,
): Promise<Converted> {
  const archived: StoreEntry<Archived>[] = [];
  for await (const entry of archive.entries()) archived.push(entry);
  const of = (from: Archived["from"]): RecordLine[] =>
    archived.filter(({ record }) => record.from === from).map(({ text }) => new RecordLine(textOf(text)));
  const at = new Date().toISOString();
  // The events first: without them, jobs that are over would come back. Paused, until it is known what was taken.
  const isPlain = (await tasks.read()).some((record) => !isJobLine(record));
  if (archived.length === 0 && !isPlain) return { waiting: (await queue.stats()).waiting, aside: 0 };
  await events.rewrite(() => [...of("events"), { type: "paused", at }]);
  let taken: readonly string[] = [];
  await tasks.rewrite((entries) => {
    const plain = entries.filter(({ record }) => !isJobLine(record));
    const { fresh, gone } = match(plain, waitingIn(archived));
    taken = gone;
    return [
      ...of("tasks"),
      ...entries.filter(({ record }) => isJobLine(record)),
      ...fresh.map(
        ({ text }) => new RecordLine(`{"id":"${newJobId()}","at":"${at}","payload":${text.trim()}}`),
      ),
    ];
  });
  const waiting = new Set((await queue.list("waiting")).map(({ id }) => id));
  for (const id of taken) if (waiting.has(id)) await queue.cancel(id, "taken while the queue was plain");
  await queue.resume();
  await archive.rewrite(() => []);
  const stats = await queue.stats();
  return { waiting: stats.waiting, aside: 0 };
}

/** The jobs that went into the plain file, in its order. */
function waitingIn(archived: readonly StoreEntry<Archived>[]): readonly JobLine[] {
  const jobs = new Map<unknown, JobLine>();
  for (const { record } of archived)
    if (record.from === "tasks" && isJobLine(record.line)) jobs.set(record.line.id, record.line);
  const ids = archived.find(({ record }) => record.from === "waiting")?.record.line;
  return Array.isArray(ids) ? ids.flatMap((id: unknown) => jobs.get(id) ?? []) : [];
}

/** Tasks that are new in the plain file, and jobs that are no longer in it. */
function match(
  plain: readonly StoreEntry<unknown>[],
  jobs: readonly JobLine[],
): { readonly fresh: readonly StoreEntry<unknown>[]; readonly gone: readonly string[] } {
  const left = new Map<string, string[]>();
  for (const { id, payload } of jobs) {
    const text = JSON.stringify(payload);
    left.set(text, [...(left.get(text) ?? []), id]);
  }
  // Of equal ones the first were taken first.
  const fresh = plain
    .toReversed()
    .filter(({ record }) => left.get(JSON.stringify(record))?.pop() === undefined);
  return { fresh: fresh.toReversed(), gone: [...left.values()].flat() };
}

/** The line inside a copy, byte for byte. */
function textOf(copy: string): string {
  return copy.slice(copy.indexOf(',"line":') + ',"line":'.length, -1);
}
