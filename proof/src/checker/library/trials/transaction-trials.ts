import { tellFindings } from "../finding.ts";
import type { Operation } from "../history.ts";
import type { Model } from "../model.ts";
import {
  checkTransactions,
  type Step,
  type TransactionHistory,
  type TransactionOutput,
} from "../transaction-check.ts";
import { between, Clients, pick, type Chance } from "./chance.ts";
import type { Corrupted, Trial } from "./trial.ts";

type Lists = Readonly<Record<string, readonly string[]>>;
const keys = ["x", "y", "z"];

/** Transactions that read two of three lists and append to them; one at the end that reads all. */
export function inventTransactions(chance: Chance, length: number, clients: number): TransactionHistory {
  let lists: Lists = {};
  const turns = new Clients(chance, clients);
  const history: Operation<readonly Step[], TransactionOutput>[] = [];
  for (let at = 1; at <= length; at += 1) {
    const turn = turns.take(at);
    if (turn === undefined) continue;
    const input = inventSteps(chance, at);
    const ran = run(lists, input);
    const committed = chance() < 0.9;
    const isAnswered = turn.endedAt !== Infinity;
    if (committed && (isAnswered || chance() < 0.5)) lists = ran.after;
    history.push({ ...turn, input, output: isAnswered ? { committed, lists: ran.lists } : undefined });
  }
  const input = keys.map((key): Step => ({ kind: "read", key }));
  const output = { committed: true, lists: run(lists, input).lists };
  return [
    ...history,
    { client: "end", input, output, begunAt: length * 10 + 1_000, endedAt: length * 10 + 1_001 },
  ];
}

function inventSteps(chance: Chance, at: number): Step[] {
  return Array.from({ length: between(chance, 1, 4) }, (_, index): Step => {
    const key = pick(chance, keys) ?? "x";
    return chance() < 0.5 ? { kind: "read", key } : { kind: "append", key, value: `${at}.${index}` };
  });
}

function run(lists: Lists, steps: readonly Step[]): { after: Lists; lists: (readonly string[])[] } {
  let after = lists;
  const read: (readonly string[])[] = [];
  for (const step of steps) {
    const list = after[step.key] ?? [];
    if (step.kind === "read") read.push(list);
    else after = { ...after, [step.key]: [...list, step.value] };
  }
  return { after, lists: read };
}

/** The lists as one object, so that the definition of linearizability is that of strict serializability. */
export const listsModel: Model<Lists, readonly Step[], TransactionOutput> = {
  name: "lists",
  initial: {},
  fingerprint: (lists) => JSON.stringify(keys.map((key) => lists[key])),
  step: (lists, steps, output) => {
    const ran = run(lists, steps);
    if (output !== undefined && JSON.stringify(output.lists) !== JSON.stringify(ran.lists)) return undefined;
    return output?.committed === false ? lists : ran.after;
  },
  leaves: (steps) => steps.flatMap((step) => (step.kind === "append" ? [step.value] : [])),
  sees: (_, output) => output?.lists.flat() ?? [],
  tell: (steps) => steps.map((step) => `${step.kind} ${step.key}`).join(", "),
  tellState: (lists) => JSON.stringify(lists),
};

/** Lists that only one transaction saw otherwise. */
const corruptions: readonly Corrupted<TransactionHistory>[] = [
  {
    name: "a value nobody appended",
    corrupt: (history) => editEnd(history, (lists) => [[...(lists[0] ?? []), "nobody's"], ...lists.slice(1)]),
  },
  {
    name: "a value twice",
    corrupt: (history) => {
      return editEnd(history, (lists) => lists.map((list) => [...list, ...list.slice(0, 1)]));
    },
  },
  {
    name: "half a transaction lost",
    corrupt: (history, chance) => {
      const both = history.filter(({ input, output }) => {
        const appended = input.filter(({ kind }) => kind === "append");
        return output?.committed === true && new Set(appended.map(({ key }) => key)).size > 1;
      });
      const step = pick(chance, both)?.input.find(({ kind }) => kind === "append");
      if (step?.kind !== "append") return undefined;
      return history.map((each) => {
        const isOwn = each.input.includes(step);
        const lists = each.output?.lists.map((list) =>
          isOwn ? list : list.filter((value) => value !== step.value),
        );
        return each.output === undefined ? each : { ...each, output: { ...each.output, lists: lists ?? [] } };
      });
    },
  },
  {
    name: "a read of the past",
    corrupt: (history, chance) => {
      // It sees a list that was longer before it began.
      const places = history.flatMap((each, at) => {
        const only = each.input.length === 1 && each.input[0]?.kind === "read" ? each.input[0] : undefined;
        const list = each.output?.committed === true ? each.output.lists[0] : undefined;
        const last = list?.at(-1);
        if (only === undefined || list === undefined || last === undefined) return [];
        const wasOver = history.some(({ input, output, endedAt }) => {
          const wrote = input.some((step) => step.kind === "append" && step.value === last);
          return wrote && output?.committed === true && endedAt < each.begunAt;
        });
        return wasOver ? [{ at, list }] : [];
      });
      const place = pick(chance, places);
      return (
        place &&
        history.map((each, at) => (at === place.at ? withLists(each, [place.list.slice(0, -1)]) : each))
      );
    },
  },
  {
    name: "a lost update",
    corrupt: (history) => {
      // Of those whose outcome nobody knows, none need have happened.
      const acknowledged = new Set(
        history
          .filter(({ output }) => output?.committed === true)
          .flatMap(({ input }) => input.map((step) => (step.kind === "append" ? step.value : ""))),
      );
      const lasts = history.at(-1)?.output?.lists.map((list) => list.at(-1) ?? "") ?? [];
      if (!lasts.some((value) => acknowledged.has(value))) return undefined;
      return editEnd(history, (lists) => lists.map((list) => list.slice(0, -1)));
    },
  },
];

export const transactionTrial: Trial<TransactionHistory> = {
  name: "transactions",
  invent: inventTransactions,
  corruptions,
  check: (history) => tellFindings(checkTransactions(history)) || undefined,
};

function withLists<T extends { output: TransactionOutput | undefined }>(
  each: T,
  lists: readonly (readonly string[])[],
): T {
  return { ...each, output: { committed: true, lists } };
}

function editEnd(
  history: TransactionHistory,
  change: (lists: readonly (readonly string[])[]) => readonly (readonly string[])[],
): TransactionHistory | undefined {
  const end = history.at(-1);
  if (end?.output === undefined || end.output.lists.some((list) => list.length === 0)) return undefined;
  return [...history.slice(0, -1), withLists(end, change(end.output.lists))];
}
