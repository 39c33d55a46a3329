import { basename, dirname, join } from "node:path";
import { AppendFile } from "../atomic/append-file.ts";
import type { AppendHold, Appended } from "../atomic/append-job.ts";
import { checkAppendOptions, toAppendReceipt } from "../atomic/append-lines.ts";
import { appendEngineFor } from "../atomic/append-registry.ts";
import { lineCountOf } from "../atomic/line-count.ts";
import type { Quarantined } from "../atomic/quarantine.ts";
import { RevisionConflictError } from "../errors.ts";
import { finishBeside, type FinishingLock } from "../intent/finish-intent.ts";
import { checkRewritten } from "../log/check-rewritten.ts";
import { encodeRecords } from "../log/encode-record.ts";
import { GatheredRecords } from "../log/gathered-records.ts";
import type { LogEntry } from "../log/log-entry.ts";
import { jsonlLog, type JsonlLog } from "../log/jsonl-log.ts";
import { checkLogOptions, type JsonlLogOptions, type LogRules } from "../log/log-options.ts";
import type { RecordLine } from "../log/record-line.ts";
import { resolveLayout } from "../lock/lock-options.ts";
import { resolveTarget } from "../lock/resolve-target.ts";
import { checkFunction, checkOptions, type Durability } from "../options.ts";
import { files } from "../platform/file-system.ts";
import { LogParticipant } from "../transact/log-participant.ts";
import { checkPosition } from "./check-position.ts";
import { FileEntry, FileLogCursor } from "./file-entry.ts";
import type { FileContext } from "./file-context.ts";
import { FilePlace } from "./file-place.ts";
import { IdIndex } from "./id-index.ts";
import { syncExisting } from "./sync-existing.ts";
import type {
  LogChangeOptions,
  LogDraft,
  LogReceipt,
  LogSpec,
  StoreEntry,
  StoreFollowOptions,
  StoreLog,
  StoreRewritten,
  WholeLogDraft,
} from "./store-log.ts";

/** A log of a file store: a JSONL log with a name, positions, fences, and memory of the ids it holds. */
export class FileLog<T> implements StoreLog<T> {
  readonly kind = "log";
  readonly name: string;
  readonly context: FileContext;
  readonly #place: FilePlace;
  readonly #options: JsonlLogOptions<T>;
  readonly #rules: LogRules;
  readonly #log: JsonlLog<T>;
  readonly #ids: IdIndex<T> | undefined;
  /** The real file, once it was asked for. */
  #target: string | undefined;

  constructor(context: FileContext, spec: LogSpec<T>) {
    const { name, idOf, ...options } = spec;
    if (idOf !== undefined) checkFunction("idOf", idOf);
    this.name = name;
    this.context = context;
    this.#place = new FilePlace(context.root, name);
    this.#options = { ...(options as JsonlLogOptions<T>), ...context.lock };
    this.#rules = checkLogOptions(this.#place.path, this.#options);
    this.#log = jsonlLog<T>(this.#place.path, this.#options);
    this.#ids = idOf === undefined ? undefined : new IdIndex(this.#log.cursor(), idOf);
  }

  append(record: T | RecordLine, options: LogChangeOptions = {}): Promise<LogReceipt> {
    return this.appendMany([record], options);
  }

  appendMany(records: readonly (T | RecordLine)[], options: LogChangeOptions = {}): Promise<LogReceipt> {
    return this.#change("append to", options, async (call) => {
      if (this.#ids !== undefined || options.fence !== undefined || options.expectedTail !== undefined) {
        const { value: _, ...receipt } = await this.#decide(
          (gathered) => gathered.add(records),
          options,
          call,
        );
        return receipt;
      }
      const content = encodeRecords(this.#rules, records);
      const appended = await this.#submit(content, call);
      return this.#receipt(appended, records.length, [], call.durability);
    });
  }

  read(): Promise<readonly T[]> {
    return this.context.work.runOurs(`read ${this.name}`, async () => {
      this.#place.checkForReading();
      return await this.#log.read();
    });
  }

  async *entries(options: { readonly from?: number | undefined } = {}): AsyncGenerator<StoreEntry<T>> {
    checkOptions(options);
    const from = checkPosition("from", options.from ?? 0);
    this.context.work.checkOpen(`read ${this.name}`);
    this.#place.checkForReading();
    for await (const entry of this.#log.entries()) if (entry.line > from) yield new FileEntry(entry);
  }

  cursor(): FileLogCursor<T> {
    return new FileLogCursor(this.#log.cursor(), {
      prepare: () => {
        this.context.work.checkOpen(`read ${this.name}`);
        this.#place.checkForReading();
      },
      finish: (held) => {
        this.#target ??= resolveTarget(this.#place.path);
        finishBeside(held, this.#target, resolveLayout(this.#options.layout));
      },
    });
  }

  async *follow(options: StoreFollowOptions = {}): AsyncGenerator<StoreEntry<T>> {
    checkOptions(options);
    let from = checkPosition("from", options.from ?? 0);
    this.context.work.checkOpen(`follow ${this.name}`);
    this.#place.checkForReading();
    const onReset = (): void => {
      from = 0;
      options.onReset?.();
    };
    const signal = this.context.work.until(options.signal);
    for await (const entry of this.#log.follow({ signal, onReset }))
      if (entry.line > from) yield new FileEntry(entry);
  }

  transact<R>(
    decide: (draft: LogDraft<T>) => R | Promise<R>,
    options: LogChangeOptions = {},
  ): Promise<LogReceipt & { readonly value: R }> {
    checkFunction("decide", decide);
    return this.#change("change", options, (call) =>
      this.#decide((gathered, tail, lock) => decide(this.#draftOf(gathered, tail, lock)), options, call),
    );
  }

  rewrite(
    rewrite: (entries: readonly StoreEntry<T>[]) => StoreRewritten<T> | Promise<StoreRewritten<T>>,
    options: LogChangeOptions = {},
  ): Promise<LogReceipt> {
    checkFunction("rewrite", rewrite);
    return this.#change("rewrite", options, async (call) => {
      const fence = this.context.fences.jobFence(options.fence, call);
      let lines = 0;
      const receipt = await this.#log.rewrite(async (entries) => {
        await fence?.admit();
        if (options.expectedTail !== undefined) this.#checkTail(options.expectedTail, this.#lines());
        const kept = await rewrite(entries.map((entry) => new FileEntry(entry)));
        const items = keptEntries<T>(kept);
        lines = items.length;
        await fence?.admit(); // again: the rewriting may have taken long
        fence?.assertHeld();
        return items;
      }, call);
      const { revision, changed, durability, quarantined } = receipt;
      return {
        revision,
        changed,
        durability,
        position: 0,
        nextPosition: lines,
        duplicates: [],
        ...this.#moved(quarantined),
      };
    });
  }

  problems(): ReturnType<StoreLog<T>["problems"]> {
    return this.#log.problems();
  }

  /** Its part in a commit of several files. */
  participant(): LogParticipant {
    this.#place.prepareForWriting();
    return new LogParticipant({
      path: this.#place.path,
      layout: this.#options.layout,
      durability: this.#options.durability ?? "disk",
      rules: this.#rules,
      draftOf: (gathered, tail, lock, entries): WholeLogDraft<T> => ({
        ...this.#draftOf(gathered, tail, lock),
        entries: async () => (await entries()).map((entry) => new FileEntry(entry as LogEntry<T>)),
        rewrite: (kept) => gathered.replace(keptEntries(kept, "get")),
      }),
      findDuplicates: (records) => this.#ids?.duplicatesIn(records) ?? [],
    });
  }

  /** What a commit of several files says of this log. */
  receiptOf(outcome: ReturnType<LogParticipant["receipt"]>): LogReceipt {
    const { quarantined, ...receipt } = outcome;
    return { ...receipt, ...this.#moved(quarantined) };
  }

  #change<R>(
    attempt: string,
    options: LogChangeOptions,
    work: (call: JsonlLogOptions<T> & { readonly durability: Durability }) => Promise<R>,
  ): Promise<R> {
    return this.context.work.run(`${attempt} ${this.name}`, async () => {
      checkOptions(options);
      if (options.expectedTail !== undefined) checkPosition("expectedTail", options.expectedTail);
      const { timeoutMs = this.#options.timeoutMs, signal, priority } = options;
      const durability = options.durability ?? this.#options.durability ?? "disk";
      const call = { ...this.#options, timeoutMs, signal, priority, durability };
      checkAppendOptions(this.#place.path, call);
      this.#place.prepareForWriting();
      return await work(call);
    });
  }

  async #decide<R>(
    decide: (gathered: GatheredRecords, tail: number, lock: FinishingLock) => R | Promise<R>,
    options: LogChangeOptions,
    call: JsonlLogOptions<T> & { readonly durability: Durability },
  ): Promise<LogReceipt & { readonly value: R }> {
    const fence = this.context.fences.jobFence(options.fence, call);
    let decided:
      | { readonly value: R; readonly lines: number; readonly duplicates: readonly number[] }
      | undefined;
    const content = async (hold: AppendHold): Promise<Uint8Array> => {
      await fence?.admit();
      const { lines: tail, lock } = hold;
      this.#checkTail(options.expectedTail, tail);
      const gathered = new GatheredRecords(this.#rules);
      try {
        const value = await decide(gathered, tail, lock);
        gathered.close();
        const duplicates = this.#ids?.duplicatesIn(gathered.records) ?? [];
        const { bytes, lines } = gathered.finish(duplicates);
        await fence?.admit(); // again: the decision may have taken long
        fence?.assertHeld();
        decided = { value, lines, duplicates };
        return bytes;
      } finally {
        gathered.close();
      }
    };
    const appended = await this.#submit(content, call);
    const { value, lines, duplicates } = decided as NonNullable<typeof decided>;
    // What is there already was written by somebody who may not have been told yet that it is durable.
    if (duplicates.length > 0 && !appended.changed && call.durability === "disk")
      await syncExisting(this.#place.path);
    return { ...this.#receipt(appended, lines, duplicates, call.durability), value };
  }

  #submit(
    content: Uint8Array | ((hold: AppendHold) => Promise<Uint8Array>),
    call: JsonlLogOptions<T> & { readonly durability: Durability },
  ): Promise<Appended> {
    const { durability, timeoutMs, signal, priority } = call;
    const wait = { timeoutMs, signal, priority };
    return appendEngineFor(this.#place.path, call).submit({ content, durability, countsLines: true, wait });
  }

  #receipt(
    appended: Appended,
    lines: number,
    duplicates: readonly number[],
    durability: Durability,
  ): LogReceipt {
    const { revision, changed, quarantined } = toAppendReceipt(appended, durability, {});
    const position = appended.lines ?? 0;
    const nextPosition = position + lines;
    return { revision, changed, durability, position, nextPosition, duplicates, ...this.#moved(quarantined) };
  }

  #draftOf(gathered: GatheredRecords, tail: number, lock: FinishingLock): LogDraft<T> {
    return {
      tail,
      records: () => {
        gathered.checkOpen();
        return Promise.resolve(this.#log.readSync());
      },
      advance: async (cursor, sink) => {
        gathered.checkOpen();
        if (cursor instanceof FileLogCursor) return cursor.advanceSync(sink, lock);
        return await cursor.advance(sink);
      },
      append: (...records) => gathered.add(records),
    };
  }

  /** How many lines there are, under the lock: blank and damaged ones count, as they do for every position. */
  #lines(): number {
    const path = resolveTarget(this.#place.path);
    const file = AppendFile.open(path, false)?.use();
    if (file === undefined) return 0;
    try {
      return lineCountOf(path).before(path, file.fd, Number(files.fstatSync(file.fd).size));
    } finally {
      file.retire();
      file.done();
    }
  }

  #checkTail(expected: number | undefined, found: number): void {
    if (expected === undefined || expected === found) return;
    throw new RevisionConflictError(this.#place.path, `position ${expected}`, `position ${found}`);
  }

  #moved(quarantined: Quarantined | undefined): Pick<LogReceipt, "quarantined"> {
    if (quarantined === undefined) return {};
    const name = join(dirname(this.name), basename(quarantined.path));
    return { quarantined: { name, bytes: quarantined.bytes } };
  }
}

/** What the log underneath is rewritten with. */
function keptEntries<T>(kept: unknown, verb: "return" | "get" = "return"): (LogEntry<T> | T)[] {
  return [...checkRewritten(kept, verb)].map((item) =>
    item instanceof FileEntry ? (item as FileEntry<T>).entry : (item as T),
  );
}
