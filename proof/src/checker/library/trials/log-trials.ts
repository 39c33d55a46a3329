import { tellFindings } from "../finding.ts";
import { checkLog, type LogHistory, type LogInput, type LogOutput } from "../log-check.ts";
import type { Operation } from "../history.ts";
import { between, Clients, pick, type Chance } from "./chance.ts";
import type { Corrupted, Trial } from "./trial.ts";

type LogOperation = Operation<LogInput, LogOutput>;

/** Appends of one to three records and reads, some of them limited; a read of everything at the end. */
export function inventLog(chance: Chance, length: number, clients: number): LogHistory {
  const log: string[] = [];
  const turns = new Clients(chance, clients);
  const history: LogOperation[] = [];
  for (let at = 1; at <= length; at += 1) {
    const turn = turns.take(at);
    if (turn === undefined) continue;
    const isAnswered = turn.endedAt !== Infinity;
    if (chance() < 0.5) {
      const ids = Array.from({ length: between(chance, 1, 3) }, (_, index) => `r${at}.${index}`);
      const output = isAnswered ? { kind: "appended" as const, at: log.length } : undefined;
      if (isAnswered || chance() < 0.5) log.push(...ids);
      history.push({ ...turn, input: { kind: "append", ids }, output });
    } else {
      const from = between(chance, 0, log.length);
      const limit = chance() < 0.3 ? between(chance, 1, 4) : undefined;
      const ids = log.slice(from, limit === undefined ? undefined : from + limit);
      const input = { kind: "read" as const, from, ...(limit === undefined ? {} : { limit }) };
      history.push({ ...turn, input, output: isAnswered ? { kind: "records", ids } : undefined });
    }
  }
  const end = { begunAt: length * 10 + 1_000, endedAt: length * 10 + 1_001 };
  history.push({
    client: "end",
    input: { kind: "read", from: 0 },
    output: { kind: "records", ids: log },
    ...end,
  });
  return history;
}

const corruptions: readonly Corrupted<LogHistory>[] = [
  { name: "a record nobody appended", corrupt: (history) => editEnd(history, (ids) => [...ids, "nobody's"]) },
  {
    name: "a record twice",
    corrupt: (history, chance) => editEnd(history, (ids) => [...ids, pick(chance, ids) ?? "nobody's"]),
  },
  {
    name: "an acknowledged record lost",
    corrupt: (history) => {
      const lost = history.find(({ input, output }) => input.kind === "append" && output !== undefined);
      const isLost = (id: string): boolean => lost?.input.kind === "append" && lost.input.ids.includes(id);
      // Lost from every read, as if it had never been written.
      return lost && withoutRecords(history, isLost);
    },
  },
  {
    name: "two records swapped in one read",
    corrupt: (history, chance) => {
      const reads = readsOf(history).filter(({ ids }) => ids.length > 1);
      const read = pick(chance, reads);
      if (read === undefined || readsOf(history).length < 2) return undefined;
      const at = between(chance, 0, read.ids.length - 2);
      const swapped = read.ids.with(at, read.ids[at + 1] ?? "").with(at + 1, read.ids[at] ?? "");
      return read.ids.length > 1 && read.operation !== history.at(-1)
        ? edit(history, read.operation, swapped)
        : undefined;
    },
  },
  {
    name: "a late hole",
    corrupt: (history, chance) => {
      const holes = readsOf(history).filter(
        ({ ids, operation }) => ids.length > 1 && operation !== history.at(-1),
      );
      const read = pick(chance, holes);
      return (
        read && edit(history, read.operation, read.ids.toSpliced(between(chance, 0, read.ids.length - 2), 1))
      );
    },
  },
  {
    name: "half a batch",
    corrupt: (history, chance) => {
      const batches = history.filter(({ input }) => input.kind === "append" && input.ids.length > 1);
      const seen = new Set(readsOf(history).flatMap(({ ids }) => ids));
      const batch = pick(
        chance,
        batches.filter(({ input }) => input.kind === "append" && seen.has(input.ids[0] ?? "")),
      );
      return (
        batch &&
        withoutRecords(history, (id) => batch.input.kind === "append" && batch.input.ids.at(-1) === id)
      );
    },
  },
  {
    name: "a stale read",
    corrupt: (history, chance) => {
      const firstEnd = Math.min(
        ...history.flatMap(({ input, endedAt }) => (input.kind === "append" ? [endedAt] : [])),
      );
      const later = readsOf(history).filter(({ operation: { input, begunAt } }) => {
        return input.kind === "read" && input.from === 0 && input.limit === undefined && begunAt > firstEnd;
      });
      const read = pick(chance, later);
      return read && edit(history, read.operation, []);
    },
  },
];

export const logTrial: Trial<LogHistory> = {
  name: "log",
  invent: inventLog,
  corruptions,
  check: (history) => tellFindings(checkLog(history)) || undefined,
};

function readsOf(history: LogHistory): { operation: LogOperation; ids: readonly string[] }[] {
  return history.flatMap((operation) =>
    operation.output?.kind === "records" ? [{ operation, ids: operation.output.ids }] : [],
  );
}

function edit(history: LogHistory, operation: LogOperation, ids: readonly string[]): LogHistory {
  return history.map((each) => (each === operation ? { ...each, output: { kind: "records", ids } } : each));
}

function editEnd(
  history: LogHistory,
  change: (ids: readonly string[]) => readonly string[],
): LogHistory | undefined {
  const end = history.at(-1);
  if (end?.output?.kind !== "records" || end.output.ids.length === 0) return undefined;
  return edit(history, end, change(end.output.ids));
}

/** Takes records out of the log itself: positions told, and reads from positions, move with it. */
function withoutRecords(history: LogHistory, isGone: (id: string) => boolean): LogHistory {
  const end = history.at(-1)?.output;
  const all = end?.kind === "records" ? end.ids : [];
  const moved = (position: number): number => all.slice(0, position).filter((id) => !isGone(id)).length;
  return history.map((each) => {
    const { input, output } = each;
    if (output?.kind === "appended" && output.at !== undefined) {
      return { ...each, output: { ...output, at: moved(output.at) } };
    }
    if (input.kind !== "read" || output?.kind !== "records") return each;
    const ids = output.ids.filter((id) => !isGone(id));
    const { limit, ...rest } = input;
    const cut = limit === undefined ? rest : { ...rest, limit: Math.max(ids.length, 1) };
    return { ...each, input: { ...cut, from: moved(input.from) }, output: { kind: "records", ids } };
  });
}
