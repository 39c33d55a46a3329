import type { Finding } from "./finding.ts";
import type { TransactionHistory, TransactionOperation } from "./transaction-check.ts";

/** The order of each key's values, from the longest read of it, and what contradicts there being one. */
export class ListOrders {
  /** Rules: `two orders`, `duplicate`, `phantom`, `lost append`. */
  readonly findings: Finding[] = [];
  readonly byKey = new Map<string, readonly string[]>();
  readonly #history: TransactionHistory;
  readonly #writers = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(history: TransactionHistory) {
    this.#history = history;
    history.forEach(({ input }, at) => {
      for (const step of input) {
        if (step.kind === "append") this.#writers.set(name(step.key, step.value), at);
      }
    });
    this.#longestReads();
    for (const [key, order] of this.byKey) {
      for (const value of order) this.#seen.add(name(key, value));
      this.#checkOrder(key, order);
    }
    this.#checkWhole();
  }

  /** The position of the transaction that appended a value. */
  writerOf(key: string, value: string): number | undefined {
    return this.#writers.get(name(key, value));
  }

  appendsOf(at: number, key: string): readonly string[] {
    const steps = this.#history[at]?.input ?? [];
    return steps.flatMap((step) => (step.kind === "append" && step.key === key ? [step.value] : []));
  }

  /** Appends that nobody saw, of transactions that took effect: they come after all that was seen of their key. */
  *unseen(): Generator<{ readonly at: number; readonly key: string; readonly value: string }> {
    for (const [at, { input, output }] of this.#history.entries()) {
      const steps = input.filter((step) => step.kind === "append");
      const seen = steps.filter(({ key, value }) => this.#seen.has(name(key, value)));
      if (output?.committed === false || (output === undefined && seen.length === 0)) continue;
      for (const step of steps) if (!seen.includes(step)) yield { at, key: step.key, value: step.value };
    }
  }

  /** What a transaction read of others, each key once, before its own appends to it. */
  readsOf({ input, output }: TransactionOperation): ReadonlyMap<string, readonly string[]> {
    const reads = new Map<string, readonly string[]>();
    if (output === undefined) return reads;
    const own = new Map<string, number>();
    let at = 0;
    for (const step of input) {
      const added = own.get(step.key) ?? 0;
      if (step.kind === "append") own.set(step.key, added + 1);
      else {
        const list = output.lists[at++] ?? [];
        if (!reads.has(step.key)) reads.set(step.key, list.slice(0, list.length - added));
      }
    }
    return reads;
  }

  #longestReads(): void {
    for (const operation of this.#history) {
      if (operation.output === undefined) continue;
      let at = 0;
      for (const step of operation.input) {
        if (step.kind !== "read") continue;
        const list = operation.output.lists[at++] ?? [];
        if (!operation.output.committed) continue;
        if (list.length >= (this.byKey.get(step.key)?.length ?? 0)) this.byKey.set(step.key, list);
      }
    }
    // What a transaction that was rolled back saw of others must be right; what it saw of its own never was.
    for (const operation of this.#history) {
      for (const [key, list] of this.readsOf(operation)) {
        if (list.length > (this.byKey.get(key)?.length ?? 0)) this.byKey.set(key, list);
      }
    }
    this.#history.forEach((operation, at) => {
      for (const [key, list] of this.readsOf(operation)) {
        const order = this.byKey.get(key) ?? [];
        const differs = list.findIndex((value, index) => value !== order[index]);
        if (differs === -1) continue;
        const text = `${key}[${differs}] is ${order[differs]} in the longest read, ${list[differs]} in transaction ${at}`;
        this.findings.push({ rule: "two orders", text, operations: [at] });
      }
    });
  }

  #checkOrder(key: string, order: readonly string[]): void {
    for (const value of new Set(order)) {
      const writer = this.writerOf(key, value);
      if (writer === undefined) {
        this.findings.push({ rule: "phantom", text: `nobody appended ${value} to ${key}`, operations: [] });
      }
    }
    if (new Set(order).size < order.length) {
      const twice = order.find((value, at) => order.indexOf(value) !== at);
      this.findings.push({ rule: "duplicate", text: `${key} holds ${twice} twice`, operations: [] });
    }
  }

  /** A committed transaction has all its appends in the lists, as far as somebody read them after it was over. */
  #checkWhole(): void {
    const lastRead = new Map<string, number>();
    for (const operation of this.#history) {
      for (const key of this.readsOf(operation).keys()) {
        lastRead.set(key, Math.max(lastRead.get(key) ?? -Infinity, operation.begunAt));
      }
    }
    for (const { at, key, value } of this.unseen()) {
      const { output, endedAt = Infinity } = this.#history[at] ?? {};
      if (output?.committed === true && (lastRead.get(key) ?? -Infinity) > endedAt) {
        const text = `transaction ${at} committed, and ${value} is not in ${key}`;
        this.findings.push({ rule: "lost append", text, operations: [at] });
      }
    }
  }
}

function name(key: string, value: string): string {
  return JSON.stringify([key, value]);
}
