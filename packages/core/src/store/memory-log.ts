import { RevisionConflictError } from "../errors.ts";
import { contentRevision } from "../atomic/content-revision.ts";
import { GatheredRecords } from "../log/gathered-records.ts";
import { checkLogOptions, type JsonlLogOptions, type LogRules } from "../log/log-options.ts";
import { checkRewritten } from "../log/check-rewritten.ts";
import { encodeRecord } from "../log/encode-record.ts";
import { ProblemList } from "../log/log-problems.ts";
import type { RecordLine } from "../log/record-line.ts";
import { checkDurability, checkFunction, checkOptions, type Durability } from "../options.ts";
import { checkPosition } from "./check-position.ts";
import type { MemoryContext } from "./memory-context.ts";
import { MemoryEntry, MemoryLogCursor, readLines } from "./memory-entry.ts";
import type { MemoryCell } from "./memory-space.ts";
import { idsIn } from "./ids-in.ts";
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

/** What a change makes of a log: lines to be appended, or all of it. */
interface PendingLines {
  readonly lines: readonly string[];
  readonly duplicates: readonly number[];
  /** Whether the lines take the place of all others, and are others. Undefined: they are appended. */
  readonly replaces?: boolean | undefined;
}

/** A log in memory: lines under a lock, one change after the other. */
export class MemoryLog<T> implements StoreLog<T> {
  readonly kind = "log";
  readonly name: string;
  readonly context: MemoryContext;
  readonly cell: MemoryCell;
  readonly durability: Durability;
  readonly #rules: LogRules;
  readonly #idOf: LogSpec<T>["idOf"];
  #read: readonly T[] | undefined;
  #problems: ProblemList;

  constructor(context: MemoryContext, spec: LogSpec<T>) {
    const { name, idOf, durability = "disk" } = spec;
    if (idOf !== undefined) checkFunction("idOf", idOf);
    this.name = name;
    this.context = context;
    this.cell = context.space.cell(name);
    this.durability = durability;
    this.#rules = checkLogOptions(name, spec as unknown as JsonlLogOptions);
    this.#idOf = idOf;
    this.#problems = new ProblemList(name, this.#rules.onCorrupt);
  }

  get rules(): LogRules {
    return { ...this.#rules, path: this.name };
  }

  get lines(): readonly string[] {
    return this.cell.lines ?? [];
  }

  append(record: T | RecordLine, options: LogChangeOptions = {}): Promise<LogReceipt> {
    return this.appendMany([record], options);
  }

  async appendMany(
    records: readonly (T | RecordLine)[],
    options: LogChangeOptions = {},
  ): Promise<LogReceipt> {
    const { value: _, ...receipt } = await this.transact((draft) => draft.append(...records), options);
    return receipt;
  }

  read(): Promise<readonly T[]> {
    return this.#run("read", () => {
      this.cell.checkForReading();
      return Promise.resolve(this.records());
    });
  }

  async *entries(options: { readonly from?: number | undefined } = {}): AsyncGenerator<StoreEntry<T>> {
    checkOptions(options);
    const from = checkPosition("from", options.from ?? 0);
    this.context.work.checkOpen(`read ${this.name}`);
    this.cell.checkForReading();
    const problems = new ProblemList(this.name, this.#rules.onCorrupt);
    yield* readLines<T>(this.lines, from, this.rules, problems);
  }

  cursor(): MemoryLogCursor<T> {
    return new MemoryLogCursor<T>(this, () => {
      this.context.work.checkOpen(`read ${this.name}`);
      this.cell.checkForReading();
    });
  }

  async *follow(options: StoreFollowOptions = {}): AsyncGenerator<StoreEntry<T>> {
    checkOptions(options);
    const from = checkPosition("from", options.from ?? 0);
    this.context.work.checkOpen(`follow ${this.name}`);
    this.cell.checkForReading();
    const signal = this.context.work.until(options.signal);
    const cursor = new MemoryLogCursor<T>(this, () => {}, from);
    let found: StoreEntry<T>[] = [];
    const sink = {
      apply: (_: T, entry: StoreEntry<T>): void => void found.push(entry),
      reset: (): void => {
        found = [];
        options.onReset?.();
      },
    };
    while (!signal.aborted) {
      const changed = this.cell.nextChange(signal);
      cursor.advanceSync(sink);
      const entries = found;
      found = [];
      for (const entry of entries) {
        if (signal.aborted) return;
        yield entry;
      }
      if (entries.length === 0) await changed;
    }
  }

  transact<R>(
    decide: (draft: LogDraft<T>) => R | Promise<R>,
    options: LogChangeOptions = {},
  ): Promise<LogReceipt & { readonly value: R }> {
    checkFunction("decide", decide);
    return this.#change("change", options, async () => {
      const gathered = new GatheredRecords(this.rules);
      try {
        const value = await decide(this.draftOf(gathered));
        const pending = this.settle(gathered);
        await this.#admit(options); // again: the decision may have taken long
        options.fence?.assertHeld?.();
        return { ...this.commit(pending, options.durability), value };
      } finally {
        gathered.close();
      }
    });
  }

  rewrite(
    rewrite: (entries: readonly StoreEntry<T>[]) => StoreRewritten<T> | Promise<StoreRewritten<T>>,
    options: LogChangeOptions = {},
  ): Promise<LogReceipt> {
    checkFunction("rewrite", rewrite);
    return this.#change("rewrite", options, async () => {
      const kept: unknown = await rewrite(this.#all());
      const lines = this.#encode(checkRewritten(kept));
      await this.#admit(options); // again: the rewriting may have taken long
      options.fence?.assertHeld?.();
      return this.commit({ lines, duplicates: [], replaces: this.#differs(lines) }, options.durability);
    });
  }

  problems(): ReturnType<StoreLog<T>["problems"]> {
    return this.#problems.report();
  }

  /** Every record; the same array while nothing was added. */
  records(): readonly T[] {
    this.#problems = new ProblemList(this.name, this.#rules.onCorrupt);
    const entries = [...readLines<T>(this.lines, 0, this.rules, this.#problems)];
    const known = this.#read;
    const texts = entries.map(({ text }) => text).join("\n");
    if (known === undefined || this.#readTexts !== texts) {
      this.#read = Object.freeze(entries.map(({ record }) => record));
      this.#readTexts = texts;
    }
    return this.#read ?? [];
  }

  #readTexts = "";

  draftOf(gathered: GatheredRecords): LogDraft<T> {
    return {
      tail: this.lines.length,
      // oxlint-disable-next-line typescript/require-await
      records: async () => {
        gathered.checkOpen();
        return this.records();
      },
      advance: (cursor, sink) => {
        gathered.checkOpen();
        return cursor.advance(sink);
      },
      append: (...records) => gathered.add(records),
    };
  }

  /** What the work of a store's `transact` gets. */
  wholeDraftOf(gathered: GatheredRecords): WholeLogDraft<T> {
    return {
      ...this.draftOf(gathered),
      // oxlint-disable-next-line typescript/require-await
      entries: async () => {
        gathered.checkOpen();
        return this.#all();
      },
      rewrite: (kept) => gathered.replace(kept),
    };
  }

  /** What is to be appended, or to take the place of all, under the lock. */
  settle(gathered: GatheredRecords): PendingLines {
    if (gathered.kept !== undefined) {
      gathered.close();
      const lines = this.#encode(gathered.kept);
      return { lines, duplicates: [], replaces: this.#differs(lines) };
    }
    const duplicates = idsIn<T>(this.#idOf, this.lines, gathered.records);
    const { bytes } = gathered.finish(duplicates);
    const lines = bytes.length === 0 ? [] : Buffer.from(bytes).toString().trimEnd().split("\n");
    return { lines, duplicates };
  }

  /** Writes it, in one step. */
  commit({ lines, duplicates, replaces }: PendingLines, durability: Durability | undefined): LogReceipt {
    const position = replaces === undefined ? this.lines.length : 0;
    if (replaces === true) {
      this.cell.lines = lines;
      this.cell.rewritten += 1;
      this.cell.changed();
    } else if (replaces === undefined && lines.length > 0) {
      this.cell.lines = [...this.lines, ...lines];
      this.cell.changed();
    }
    return this.#receipt({ changed: replaces ?? lines.length > 0, position, duplicates }, durability);
  }

  /** Every entry. What a schema refuses is somebody's record: a rewrite must not drop it unseen. */
  #all(): MemoryEntry<T>[] {
    return [...readLines<T>(this.lines, 0, this.rules, new ProblemList(this.name, "error"))];
  }

  #encode(kept: Iterable<unknown>): string[] {
    return [...kept].map((item, at) =>
      item instanceof MemoryEntry ? item.text : encodeRecord(this.rules, item, at),
    );
  }

  #differs(lines: readonly string[]): boolean {
    return lines.length !== this.lines.length || lines.some((line, at) => line !== this.lines[at]);
  }

  #receipt(
    { changed, position, duplicates }: Pick<LogReceipt, "changed" | "position" | "duplicates">,
    durability: Durability = this.durability,
  ): LogReceipt {
    const revision = `${this.lines.length}-${contentRevision(Buffer.from(this.lines.join("\n"))).slice(0, 16)}`;
    return { revision, changed, durability, position, nextPosition: this.lines.length, duplicates };
  }

  #change<R>(attempt: string, options: LogChangeOptions, work: () => Promise<R>): Promise<R> {
    return this.#run(attempt, async () => {
      checkOptions(options);
      const { expectedTail, durability } = options;
      if (expectedTail !== undefined) checkPosition("expectedTail", expectedTail);
      if (durability !== undefined) checkDurability(durability);
      this.cell.prepareForWriting();
      return await this.cell.hold("exclusive", options, async () => {
        await this.#admit(options);
        if (expectedTail !== undefined && expectedTail !== this.lines.length)
          throw new RevisionConflictError(
            this.name,
            `position ${expectedTail}`,
            `position ${this.lines.length}`,
          );
        return await work();
      });
    });
  }

  async #admit(options: LogChangeOptions): Promise<void> {
    await this.context.fences.jobFence(options.fence, options)?.admit();
  }

  #run<R>(attempt: string, work: () => Promise<R>): Promise<R> {
    return this.context.work.run(`${attempt} ${this.name}`, async () => {
      await this.context.pause();
      return await work();
    });
  }
}
