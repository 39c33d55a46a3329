/**
 * From one format to the other, and back without loss. What the plain format cannot say is kept in `native.jsonl`, a copy of
 * both files; coming back, what is still in the plain file is what is still to be done. Each step leaves files that the next
 * try can start from.
 */
import { RecordLine, type LogSpec, type Store, type StoreEntry, type StoreLog } from "@flockwork/core";
import { exactMember } from "./exact-member.ts";
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

const archiveSchema: NonNullable<LogSpec<Archived>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) =>
      isArchived(value)
        ? { value }
        : {
            issues: [
              { message: "it must be a copy: { from, line }, from tasks, events or waiting", path: [] },
            ],
          },
  },
};

function isArchived(value: unknown): value is Archived {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "line")) return false;
  const { from } = value as Partial<Archived>;
  return from === "tasks" || from === "events" || from === "waiting";
}

/**
 * Converts a queue. No worker may run meanwhile, and no program may use the old format afterwards. When it was cut short, call
 * it again before anything else.
 * @throws {JobStateError} to plain, while a job is claimed. Nothing was changed.
 * @throws {LogCorruptError} a line of `native.jsonl` is no copy. Nothing was changed.
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
  const archive = store.log<Archived>({
    name: `${directory}/native.jsonl`,
    durability,
    schema: archiveSchema,
  });
  const queue = new Queue(store, options);
  try {
    if (format === "plain") return await toPlain(queue, files, archive);
    return await toNative(store, queue, files, archive);
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
    const kept = await entriesOf(events);
    const waiting = inOrder(await queue.list("waiting"));
    const copies = [
      ...entries.map((entry) => copyOf("tasks", entry)),
      ...kept.map((entry) => copyOf("events", entry)),
    ];
    await archive.rewrite(() => [...copies, { from: "waiting", line: waiting.map(({ id }) => id) }]);
    const foreign = entries.filter(({ record }) => !isJobLine(record));
    // Of lines with one id the first is the job.
    const texts = new Map(entries.toReversed().map(({ record, text }) => [idOf(record), text]));
    converted = { waiting: waiting.length, aside: entries.length - foreign.length - waiting.length };
    return [...waiting.map(({ id }) => exactMember(texts.get(id) ?? "", "payload")), ...foreign];
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
  return new RecordLine(`${openingOf(from)}${text.trim()}}`);
}

function openingOf(from: Archived["from"]): string {
  return `{"from":"${from}","line":`;
}

/** Both files in one commit: it is what makes the queue native; whoever comes after it has nothing to do but to drop the copy. */
async function toNative(
  store: Store,
  queue: Queue,
  files: Files,
  archive: StoreLog<Archived>,
): Promise<Converted> {
  const archived = await entriesOf(archive);
  const copies = (from: Archived["from"]): StoreEntry<Archived>[] =>
    archived.filter(({ record }) => record.from === from);
  const ids = new Set(copies("tasks").map(({ record }) => idOf(record.line)));
  await store.transact({ ...files }, async ({ tasks, events }) => {
    const found = await tasks.entries();
    const isNative =
      archived.length === 0
        ? found.every(({ record }) => isJobLine(record))
        : found.some(({ record }) => isJobLine(record) && ids.has(record.id));
    if (isNative) return;
    const at = new Date().toISOString();
    const { fresh, gone, goneLines } = match(found, copies("tasks"), waitingIds(archived));
    const taken = gone.map((job) => ({
      type: "cancelled",
      at,
      job,
      reason: "taken while the queue was plain",
    }));
    events.rewrite([...copies("events").map(lineOf), ...taken]);
    tasks.rewrite([
      ...copies("tasks")
        .filter((copy) => !goneLines.has(copy))
        .map(lineOf),
      ...found.filter(({ record }) => isJobLine(record)),
      ...fresh.map(
        ({ text }) => new RecordLine(`{"id":"${newJobId()}","at":"${at}","payload":${text.trim()}}`),
      ),
    ]);
  });
  await archive.rewrite(() => []);
  return { waiting: (await queue.stats()).waiting, aside: 0 };
}

async function entriesOf<T>(log: StoreLog<T>): Promise<StoreEntry<T>[]> {
  const entries: StoreEntry<T>[] = [];
  for await (const entry of log.entries()) entries.push(entry);
  return entries;
}

function idOf(line: unknown): string | undefined {
  return isJobLine(line) ? line.id : undefined;
}

/** The jobs that went into the plain file, in its order. */
function waitingIds(archived: readonly StoreEntry<Archived>[]): readonly unknown[] {
  const ids = archived.find(({ record }) => record.from === "waiting")?.record.line;
  return Array.isArray(ids) ? ids : [];
}

/** Tasks that are new in the plain file; jobs, and lines that were no jobs, that are no longer in it. */
function match(
  found: readonly StoreEntry<unknown>[],
  copies: readonly StoreEntry<Archived>[],
  waiting: readonly unknown[],
): {
  readonly fresh: readonly StoreEntry<unknown>[];
  readonly gone: readonly string[];
  readonly goneLines: ReadonlySet<StoreEntry<Archived>>;
} {
  const left = new Map<string, StoreEntry<Archived>[]>();
  const put = (content: unknown, copy: StoreEntry<Archived>): void => {
    const text = JSON.stringify(content);
    const equals = left.get(text);
    if (equals === undefined) left.set(text, [copy]);
    else equals.push(copy);
  };
  const jobs = new Map(copies.toReversed().map((copy) => [idOf(copy.record.line), copy]));
  for (const id of waiting) {
    const copy = typeof id === "string" ? jobs.get(id) : undefined;
    if (copy !== undefined) put((copy.record.line as JobLine).payload, copy);
  }
  for (const copy of copies) if (!isJobLine(copy.record.line)) put(copy.record.line, copy);
  // Of equal ones the first were taken first.
  const fresh = found
    .filter(({ record }) => !isJobLine(record))
    .toReversed()
    .filter(({ record }) => left.get(JSON.stringify(record))?.pop() === undefined);
  const missing = [...left.values()].flat();
  return {
    fresh: fresh.toReversed(),
    gone: missing.flatMap(({ record }) => idOf(record.line) ?? []),
    goneLines: new Set(missing.filter(({ record }) => !isJobLine(record.line))),
  };
}

/** The line inside a copy: byte for byte where it is one of ours, else what it says. */
function lineOf({ record, text }: StoreEntry<Archived>): RecordLine {
  const whole = text.trim();
  const before = openingOf(record.from);
  const line = whole.slice(before.length, -1);
  return whole.startsWith(before) && isJson(line) ? new RecordLine(line) : exactMember(whole, "line");
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
