/**
 * An append-only log: one order, dense, whole batches, nothing acknowledged lost, no late hole. No search is needed: every
 * read shows a piece of the one order there must be. O(n) in records read, but for sorting operations by time.
 *
 * Give each record its own id, and end the history with a read of everything.
 */
import type { Finding } from "./finding.ts";
import { checkHistory, type History, type Operation } from "./history.ts";

export type LogInput =
  /** One batch: all or nothing. Appends with one `dedupeId` are one append, whoever repeats it. */
  | { readonly kind: "append"; readonly ids: readonly string[]; readonly dedupeId?: string }
  /** From a position on. Without `limit`: to the end. */
  | { readonly kind: "read"; readonly from: number; readonly limit?: number };

export type LogOutput =
  /** `at`: the position of the batch's first record, if the log tells it. */
  | { readonly kind: "appended"; readonly at?: number }
  | { readonly kind: "records"; readonly ids: readonly string[] };

export type LogHistory = History<LogInput, LogOutput>;

/** Everything that is wrong with what was seen of a log, at most one finding a rule and record. */
export function checkLog(history: LogHistory): readonly Finding[] {
  checkHistory(history);
  return new LogCheck(history).run();
}

interface Append {
  readonly at: number;
  readonly ids: readonly string[];
  /** Earliest begin among those of one dedupe id. */
  begunAt: number;
  /** Earliest answer among those of one dedupe id; Infinity if none came. */
  endedAt: number;
  position: number | undefined;
}

class LogCheck {
  readonly #history: LogHistory;
  readonly #findings: Finding[] = [];
  readonly #appends: Append[] = [];
  readonly #appendOf = new Map<string, Append>();
  /** The one order, as far as reads have shown it, and which read showed each record first. */
  readonly #order: ({ readonly id: string; readonly read: number } | undefined)[] = [];
  readonly #positionOf = new Map<string, number>();

  constructor(history: LogHistory) {
    this.#history = history;
  }

  run(): readonly Finding[] {
    this.#collectAppends();
    this.#history.forEach((operation, at) => this.#collectRead(operation, at));
    this.#order.forEach((entry, at) => {
      if (entry === undefined) this.#find("hole", `no read shows position ${at}`, []);
    });
    for (const append of this.#appends) this.#checkAppend(append);
    this.#checkLengths();
    this.#checkRealTime();
    return this.#findings;
  }

  #find(rule: string, text: string, operations: readonly number[]): void {
    this.#findings.push({ rule, text, operations });
  }

  #collectAppends(): void {
    const byDedupeId = new Map<string, Append>();
    this.#history.forEach(({ input, output, begunAt, endedAt }, at) => {
      if (input.kind !== "append" || input.ids.length === 0) return;
      const position = output?.kind === "appended" ? output.at : undefined;
      const first = input.dedupeId === undefined ? undefined : byDedupeId.get(input.dedupeId);
      if (first !== undefined) {
        first.begunAt = Math.min(first.begunAt, begunAt);
        first.endedAt = Math.min(first.endedAt, endedAt);
        if (first.position !== undefined && position !== undefined && first.position !== position) {
          const text = `${input.dedupeId} was told to be at ${first.position}, and at ${position}`;
          this.#find("two positions", text, [first.at, at]);
        }
        first.position ??= position;
        return;
      }
      const append: Append = { at, ids: input.ids, begunAt, endedAt, position };
      if (input.dedupeId !== undefined) byDedupeId.set(input.dedupeId, append);
      this.#appends.push(append);
      for (const id of input.ids) this.#appendOf.set(id, append);
    });
  }

  #collectRead({ input, output, endedAt }: Operation<LogInput, LogOutput>, at: number): void {
    if (input.kind !== "read" || output?.kind !== "records") return;
    output.ids.forEach((id, index) => {
      const position = input.from + index;
      const known = this.#order[position];
      if (known === undefined) this.#enter(id, position, at);
      else if (known.id !== id) {
        const text = `position ${position} is ${known.id} in one read and ${id} in another`;
        this.#find("two orders", text, [known.read, at]);
      }
      const append = this.#appendOf.get(id);
      if (append !== undefined && append.begunAt > endedAt) {
        this.#find("read from the future", `${id} was read before its append began`, [at, append.at]);
      }
    });
  }

  #enter(id: string, position: number, read: number): void {
    this.#order[position] = { id, read };
    const before = this.#positionOf.get(id);
    if (before !== undefined) {
      this.#find("duplicate", `${id} stands at positions ${before} and ${position}`, [read]);
    } else this.#positionOf.set(id, position);
    if (!this.#appendOf.has(id)) this.#find("phantom", `${id} was read, and nobody appended it`, [read]);
  }

  /** All of a batch or nothing of it, side by side, where its writer was told. */
  #checkAppend({ at, ids, endedAt, position }: Append): void {
    const positions = ids.map((id) => this.#positionOf.get(id));
    const first = positions[0];
    const isWhole = positions.every((each, index) => each !== undefined && each === (first ?? 0) + index);
    if (positions.every((each) => each === undefined)) {
      if (endedAt !== Infinity && this.#hasFullReadAfter(endedAt)) {
        this.#find("lost record", `${ids[0]} was acknowledged, and no read shows it`, [at]);
      }
    } else if (!isWhole) {
      const shown = positions.map((each) => each ?? "missing").join(", ");
      this.#find("torn batch", `the batch ${ids.join(", ")} stands at ${shown}`, [at]);
    } else if (position !== undefined && position !== first) {
      this.#find("wrong position", `${ids[0]} stands at ${first}, its writer was told ${position}`, [at]);
    }
  }

  #hasFullReadAfter(instant: number): boolean {
    return this.#history.some(({ input, output, begunAt }) => {
      return input.kind === "read" && input.limit === undefined && output !== undefined && begunAt > instant;
    });
  }

  /** A read to the end shows everything that was certainly there: acknowledged, or shown to somebody before it began. */
  #checkLengths(): void {
    const there: { readonly time: number; readonly length: number; readonly by: number }[] = [];
    this.#history.forEach(({ input, output, endedAt }, by) => {
      if (output?.kind === "records" && input.kind === "read") {
        const length = this.#lengthShown(input.from, output.ids);
        if (length > 0) there.push({ time: endedAt, length, by });
      }
    });
    for (const { at, ids, endedAt } of this.#appends) {
      const last = this.#positionOf.get(ids.at(-1) ?? "");
      if (last !== undefined && endedAt !== Infinity) there.push({ time: endedAt, length: last + 1, by: at });
    }
    there.sort((one, other) => one.time - other.time);
    let known = { length: 0, by: -1 };
    let next = 0;
    for (const [at, { input, output, begunAt }] of inOrderOfBegin(this.#history)) {
      for (; (there[next]?.time ?? Infinity) < begunAt; next += 1) {
        const candidate = there[next];
        if (candidate !== undefined && candidate.length > known.length) known = candidate;
      }
      if (input.kind !== "read" || output?.kind !== "records") continue;
      const shown = input.from + output.ids.length;
      const isCut = input.limit !== undefined && output.ids.length === input.limit;
      if (!isCut && shown < known.length) {
        const text = `a read ends at ${shown}, though ${known.length} records were there before it began`;
        this.#find("late hole", text, [known.by, at]);
      }
      if (!isCut && output.ids.length > 0) this.#checkBatchEnd(at, shown);
    }
  }

  /** How many records there were by then: of a batch that is seen at all, the rest is there as well. */
  #lengthShown(from: number, ids: readonly string[]): number {
    if (ids.length === 0) return 0;
    const batch = this.#appendOf.get(ids.at(-1) ?? "")?.ids ?? [];
    const last = this.#positionOf.get(batch.at(-1) ?? "") ?? -1;
    return Math.max(from + ids.length, last + 1);
  }

  /** A read to the end never stops inside a batch. */
  #checkBatchEnd(at: number, shown: number): void {
    const last = this.#order[shown - 1];
    const append = last && this.#appendOf.get(last.id);
    if (append === undefined || append.ids.at(-1) === last?.id) return;
    if (append.ids.every((id) => this.#positionOf.has(id))) {
      this.#find("torn batch", `a read ends within the batch ${append.ids.join(", ")}`, [at, append.at]);
    }
  }

  /** What was acknowledged before another append began stands before it. */
  #checkRealTime(): void {
    const placed = this.#appends
      .map((append) => ({ append, position: this.#positionOf.get(append.ids[0] ?? "") }))
      .filter((each): each is { append: Append; position: number } => each.position !== undefined);
    const byEnd = placed.toSorted((one, other) => one.append.endedAt - other.append.endedAt);
    const byBegin = placed.toSorted((one, other) => one.append.begunAt - other.append.begunAt);
    let highest: (typeof placed)[number] | undefined;
    let next = 0;
    for (const { append, position } of byBegin) {
      for (; (byEnd[next]?.append.endedAt ?? Infinity) < append.begunAt; next += 1) {
        const ended = byEnd[next];
        if (ended !== undefined && ended.position > (highest?.position ?? -1)) highest = ended;
      }
      if (highest !== undefined && highest.position > position) {
        const text = `${append.ids[0]} was appended after ${highest.append.ids[0]} had been acknowledged, and stands before it`;
        this.#find("out of order", text, [highest.append.at, append.at]);
      }
    }
  }
}

function inOrderOfBegin(history: LogHistory): [number, Operation<LogInput, LogOutput>][] {
  return [...history.entries()].toSorted(([, one], [, other]) => one.begunAt - other.begunAt);
}
