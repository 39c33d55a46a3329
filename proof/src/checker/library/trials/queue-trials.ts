import { tellFindings } from "../finding.ts";
import { checkQueue, type QueueHistory, type QueueInput, type QueueOutput } from "../queue-check.ts";
import type { Operation } from "../history.ts";
import { Clients, pick, type Chance } from "./chance.ts";
import type { Corrupted, Trial } from "./trial.ts";

type QueueOperation = Operation<QueueInput, QueueOutput>;

interface Item {
  readonly value: string;
  token: bigint;
  /** The effect, in time, from which another may claim it. */
  freeAt: number;
}

/** Enqueues, claims of 200 units, and completions of them, some of them late; a drain at the end. */
export function inventQueue(chance: Chance, length: number, clients: number): QueueHistory {
  const queue: Item[] = [];
  const tokens = new Map<string, bigint[]>();
  const turns = new Clients(chance, clients);
  const history: QueueOperation[] = [];
  for (let at = 1; at <= length; at += 1) {
    const turn = turns.take(at);
    if (turn === undefined) continue;
    const isAnswered = turn.endedAt !== Infinity;
    const note = (input: QueueInput, output: QueueOutput): void => {
      history.push({ ...turn, input, output: isAnswered ? output : undefined });
    };
    const what = chance();
    if (what < 0.35) {
      const value = `job ${at}`;
      if (isAnswered || chance() < 0.5) queue.push({ value, token: 0n, freeAt: 0 });
      note({ kind: "enqueue", value }, { kind: "accepted", accepted: true });
    } else if (what < 0.7) {
      const item = queue.find(({ freeAt }) => freeAt <= at * 10);
      if (item === undefined) note({ kind: "claim" }, { kind: "claimed" });
      else {
        // The claimer counts from before it asked, the queue from when it granted.
        item.token += 1n;
        item.freeAt = at * 10 + 200;
        if (isAnswered) tokens.set(item.value, [...(tokens.get(item.value) ?? []), item.token]);
        const { value, token } = item;
        note({ kind: "claim" }, { kind: "claimed", value, token, until: turn.begunAt + 200 });
      }
    } else {
      const [value, known] = pick(chance, [...tokens]) ?? ["", []];
      const token = pick(chance, known);
      if (token === undefined) continue;
      const item = queue.find((each) => each.value === value);
      const accepted = item?.token === token;
      const kind = chance() < 0.7 ? "complete" : "release";
      if (item !== undefined && accepted && (isAnswered || chance() < 0.5)) {
        if (kind === "complete") queue.splice(queue.indexOf(item), 1);
        else item.freeAt = 0;
        if (kind === "release") item.token += 1n; // a token given back is stale at once
      }
      note({ kind, value, token }, { kind: "accepted", accepted });
    }
  }
  const end = { begunAt: length * 10 + 1_000, endedAt: length * 10 + 1_001 };
  const values = queue.map(({ value }) => value);
  history.push({ client: "end", input: { kind: "drain" }, output: { kind: "drained", values }, ...end });
  return history;
}

const corruptions: readonly Corrupted<QueueHistory>[] = [
  {
    name: "a job nobody enqueued",
    corrupt: (history) => editDrain(history, (values) => [...values, "nobody's"]),
  },
  {
    name: "a lost job",
    corrupt: (history, chance) =>
      editDrain(history, (values) => {
        const acknowledged = values.filter((value) =>
          history.some(
            ({ input, output }) => input.kind === "enqueue" && input.value === value && output !== undefined,
          ),
        );
        const finishing = history.flatMap(({ input }) => (input.kind === "complete" ? [input.value] : []));
        const lost = pick(
          chance,
          acknowledged.filter((value) => !finishing.includes(value)),
        );
        return lost === undefined ? undefined : values.filter((value) => value !== lost);
      }),
  },
  {
    name: "a finished job still there",
    corrupt: (history, chance) => {
      const done = pick(chance, history.filter(isCompleted));
      return (
        done && editDrain(history, (values) => [...values, "value" in done.input ? done.input.value : ""])
      );
    },
  },
  {
    name: "a job completed twice",
    corrupt: (history, chance) => {
      const done = pick(chance, history.filter(isCompleted));
      const drain = history.at(-1);
      if (done === undefined || drain === undefined) return undefined;
      const again = { ...done, client: "again", begunAt: drain.begunAt - 20, endedAt: drain.begunAt - 10 };
      return [...history.slice(0, -1), again, drain];
    },
  },
  {
    name: "a stale completion accepted",
    corrupt: (history, chance) => {
      const late = history.filter(({ input, output, begunAt }) => {
        if (input.kind !== "complete" || output?.kind !== "accepted" || output.accepted) return false;
        return history.some(({ output: other, endedAt }) => {
          if (other?.kind !== "claimed" || other.value !== input.value) return false;
          return (other.token ?? 0n) > input.token && endedAt < begunAt;
        });
      });
      const lie = pick(chance, late);
      return (
        lie &&
        history.map((each) =>
          each === lie ? { ...each, output: { kind: "accepted", accepted: true } } : each,
        )
      );
    },
  },
  {
    name: "a job claimed by two at once",
    corrupt: (history, chance) => {
      const claim = pick(
        chance,
        history.filter(({ output, begunAt, endedAt }) => {
          return output?.kind === "claimed" && output.value !== undefined && endedAt + 6 < begunAt + 200;
        }),
      );
      if (claim?.output?.kind !== "claimed") return undefined;
      // Too quick for anyone to have given it back.
      const { value, token = 0n } = claim.output;
      const wasGivenBack = history.some(
        ({ input }) => "token" in input && input.value === value && input.token === token,
      );
      if (wasGivenBack) return undefined;
      const output = { ...claim.output, token: token + 1n };
      return [
        { ...claim, client: "thief", output, begunAt: claim.endedAt + 1, endedAt: claim.endedAt + 2 },
        ...history,
      ];
    },
  },
];

export const queueTrial: Trial<QueueHistory> = {
  name: "queue",
  invent: inventQueue,
  corruptions,
  check: (history) => tellFindings(checkQueue(history)) || undefined,
};

function isCompleted({ input, output }: QueueOperation): boolean {
  return input.kind === "complete" && output?.kind === "accepted" && output.accepted;
}

function editDrain(
  history: QueueHistory,
  change: (values: readonly string[]) => readonly string[] | undefined,
): QueueHistory | undefined {
  const end = history.at(-1);
  if (end?.output?.kind !== "drained") return undefined;
  const values = change(end.output.values);
  return values && [...history.slice(0, -1), { ...end, output: { kind: "drained", values } }];
}
