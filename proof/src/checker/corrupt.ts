import type { Random } from "../harness/random.ts";
import { initialValue, type History, type Operation } from "./history.ts";

/** One way to make a linearizable history of unique values impossible. Undefined where it finds no place. */
type Corruption = (history: History, random: Random) => History | undefined;

/** Each is impossible by construction, whatever else stands in the history: a checker that accepts one is wrong. */
export const corruptions: ReadonlyMap<string, Corruption> = new Map<string, Corruption>([
  ["a value nobody wrote", (history, random) => change(history, pickAnswered(history, random), "nobody")],
  ["a stale read", staleRead],
  ["a read from the future", readFromFuture],
  ["a lost update", lostUpdate],
]);

/** Somebody sees a value after the update that replaced it had been answered. Values are unique, so it never came back. */
function staleRead(history: History, random: Random): History | undefined {
  const pairs = pairsOf(history, (replacing, later) => {
    return replacing.kind === "update" && replacing.saw !== undefined && replacing.endedAt < later.begunAt;
  });
  const pair = pick(pairs, random);
  return pair && change(history, pair[1], pair[0].saw ?? "");
}

/** Somebody sees a value whose update began only after they had been answered. */
function readFromFuture(history: History, random: Random): History | undefined {
  const pairs = pairsOf(history, (update, earlier) => {
    return update.wrote !== undefined && earlier.endedAt < update.begunAt;
  });
  const pair = pick(pairs, random);
  return pair && change(history, pair[1], pair[0].wrote ?? "");
}

/** Two updates replace the same value: one of them was lost. */
function lostUpdate(history: History, random: Random): History | undefined {
  const pairs = pairsOf(history, (one, other) => {
    return one.kind === "update" && other.kind === "update" && one.saw !== undefined && one.saw !== other.saw;
  });
  const pair = pick(pairs, random);
  return pair && change(history, pair[1], pair[0].saw ?? initialValue);
}

/** Pairs of operations of one register, of which the second was answered. */
function pairsOf(
  history: History,
  fits: (one: Operation, other: Operation) => boolean,
): (readonly [Operation, Operation])[] {
  return history.flatMap((one) =>
    history
      .filter(
        (other) => other !== one && other.key === one.key && other.saw !== undefined && fits(one, other),
      )
      .map((other) => [one, other] as const),
  );
}

function pickAnswered(history: History, random: Random): Operation | undefined {
  return pick(
    history.filter(({ saw }) => saw !== undefined),
    random,
  );
}

function pick<T>(from: readonly T[], random: Random): T | undefined {
  return from.length === 0 ? undefined : random.pick(from);
}

function change(history: History, operation: Operation | undefined, saw: string): History | undefined {
  if (operation === undefined) return undefined;
  return history.map((each) => (each === operation ? { ...each, saw } : each));
}
