/**
 * Strict serializability of transactions over several keys, after Elle: each key holds a list, every append adds a value
 * that is appended nowhere else, so that a read shows the order of all appends before it. From that follow the
 * dependencies between transactions, and a cycle among them, or with real time, is an anomaly. No search, no guessing.
 */
import { findCycle, type Edge } from "./cycle.ts";
import type { Finding } from "./finding.ts";
import { checkHistory, type History, type Operation } from "./history.ts";
import { ListOrders } from "./list-orders.ts";
import { realTimeEdges } from "./real-time.ts";

export type Step =
  | { readonly kind: "append"; readonly key: string; readonly value: string }
  | { readonly kind: "read"; readonly key: string };

/** The list each read saw, in the order of the reads. */
export interface TransactionOutput {
  readonly committed: boolean;
  readonly lists: readonly (readonly string[])[];
}

export type TransactionHistory = History<readonly Step[], TransactionOutput>;

/**
 * Everything that is wrong with what transactions saw. Rules: those of {@link ListOrders}; `aborted read`, `dirty read`,
 * `self-contradiction`, and cycles, named as in Adya and Elle: `G0` writes in two orders, `G1c` information in a circle, `G-single`
 * one read of the past (lost update, read skew), `G2` several (write skew), each with `-realtime` if real time closes the circle.
 */
export function checkTransactions(history: TransactionHistory): readonly Finding[] {
  checkHistory(history);
  const orders = new ListOrders(history);
  const findings = [...orders.findings, ...selfContradictions(history), ...badReads(history, orders)];
  if (orders.findings.length > 0) return findings;
  const edges = dependencies(history, orders);
  const cycle =
    findCycle(history.length, edges) ?? findCycle(history.length, [...edges, ...realTimeEdges(history)]);
  if (cycle !== undefined) findings.push(tellCycle(history, cycle));
  return findings;
}

/** A transaction must see its own appends, and read a key the same way twice unless it appended in between. */
function selfContradictions(history: TransactionHistory): Finding[] {
  return history.flatMap(({ input, output }, at) => {
    if (output === undefined) return [];
    const expected = new Map<string, readonly string[]>();
    const own = new Map<string, string[]>();
    let read = 0;
    for (const step of input) {
      const added = own.get(step.key) ?? [];
      if (step.kind === "append") own.set(step.key, [...added, step.value]);
      else {
        const list = output.lists[read++] ?? [];
        const before = expected.get(step.key);
        const isRight = before === undefined ? endsWith(list, added) : sameList(list, [...before, ...added]);
        if (!isRight) {
          return [
            {
              rule: "self-contradiction",
              text: `transaction ${at} does not see what it did to ${step.key}`,
              operations: [at],
            },
          ];
        }
        if (before === undefined) expected.set(step.key, list.slice(0, list.length - added.length));
      }
    }
    return [];
  });
}

/** Reads of what was rolled back, of the middle of a transaction, or of a part of one. */
function badReads(history: TransactionHistory, orders: ListOrders): Finding[] {
  const findings: Finding[] = [];
  history.forEach((operation, at) => {
    for (const [key, list] of orders.readsOf(operation)) {
      for (const value of list) {
        const writer = orders.writerOf(key, value);
        if (writer === undefined || writer === at) continue;
        if (history[writer]?.output?.committed === false) {
          const text = `transaction ${at} read ${value}, which transaction ${writer} had rolled back`;
          findings.push({ rule: "aborted read", text, operations: [writer, at] });
        }
      }
      const last = list.at(-1);
      const writer = last === undefined ? undefined : orders.writerOf(key, last);
      if (writer === undefined || writer === at) continue;
      if (orders.appendsOf(writer, key).at(-1) !== last) {
        const text = `transaction ${at} read ${key} in the middle of transaction ${writer}`;
        findings.push({ rule: "dirty read", text, operations: [writer, at] });
      }
    }
  });
  return findings;
}

/** Who must come before whom, and why. */
function dependencies(history: TransactionHistory, orders: ListOrders): Edge[] {
  const edges: Edge[] = [];
  for (const [key, order] of orders.byKey) {
    order.forEach((value, index) => {
      const from = orders.writerOf(key, order[index - 1] ?? "");
      const to = orders.writerOf(key, value);
      if (from !== undefined && to !== undefined && from !== to)
        edges.push({ from, to, kind: "ww", why: key });
    });
  }
  const readToEnd: { readonly reader: number; readonly key: string }[] = [];
  history.forEach((operation, reader) => {
    for (const [key, list] of orders.readsOf(operation)) {
      const seen = orders.writerOf(key, list.at(-1) ?? "");
      if (seen !== undefined && seen !== reader) edges.push({ from: seen, to: reader, kind: "wr", why: key });
      const order = orders.byKey.get(key) ?? [];
      if (list.length === order.length) readToEnd.push({ reader, key });
      const next = order.slice(list.length).find((value) => orders.writerOf(key, value) !== reader);
      const overwriter = next === undefined ? undefined : orders.writerOf(key, next);
      if (overwriter !== undefined) edges.push({ from: reader, to: overwriter, kind: "rw", why: key });
    }
  });
  for (const { at: to, key } of orders.unseen()) {
    const from = orders.writerOf(key, orders.byKey.get(key)?.at(-1) ?? "");
    if (from !== undefined && from !== to) edges.push({ from, to, kind: "ww", why: key });
    for (const { reader } of readToEnd.filter((each) => each.key === key && each.reader !== to)) {
      edges.push({ from: reader, to, kind: "rw", why: key });
    }
  }
  return edges;
}

function tellCycle(history: TransactionHistory, cycle: readonly Edge[]): Finding {
  const counts = { ww: 0, wr: 0, rw: 0, realtime: 0 };
  for (const { kind } of cycle) counts[kind] += 1;
  const anomaly = counts.rw > 1 ? "G2" : counts.rw === 1 ? "G-single" : counts.wr > 0 ? "G1c" : "G0";
  const reasons = {
    ww: "whose append comes before that of",
    wr: "was read by",
    rw: "did not see",
    realtime: "was over before",
  };
  const name = (at: number): string => `${at} (${history[at]?.client ?? "?"})`;
  const links = cycle.map(({ from, to, kind, why }) => {
    return `${name(from)} ${reasons[kind]} ${name(to)}${why === "" ? "" : `, key ${why}`}`;
  });
  return {
    rule: counts.realtime > 0 ? `${anomaly}-realtime` : anomaly,
    text: `no order of these transactions explains them: ${links.join("; ")}`,
    operations: cycle.map(({ from }) => from),
  };
}

function endsWith(list: readonly string[], end: readonly string[]): boolean {
  return sameList(list.slice(list.length - end.length), end);
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

export type TransactionOperation = Operation<readonly Step[], TransactionOutput>;
