import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileStore, type Durability, type StoreDocument, type StoreLog } from "../harness/core.ts";
import type { Holdings, PowerOperation, Subject } from "./power-operation.ts";

interface Rounds {
  rounds: number[];
  text: string;
}

interface Entry {
  readonly at: string;
  readonly text: string;
}

/** A document of more than a page. */
const empty = (): Rounds => ({ rounds: [], text: "x".repeat(5_000) });

function documentIn(directory: string, name: string, durability?: Durability): StoreDocument<Rounds> {
  return fileStore(directory).document<Rounds>({ name, defaults: empty, durability });
}

function logIn(directory: string, name: string, durability?: Durability): StoreLog<Entry> {
  return fileStore(directory).log<Entry>({ name, durability });
}

/** The rounds that are in it. */
const aDocument = (name: string): Subject => ({
  empty: [],
  observe: async (directory) => {
    const { rounds, text } = await documentIn(directory, name).readLocked();
    if (text !== empty().text) throw new Error(`${name} has lost half of its text`);
    return rounds;
  },
});

/** Of an append of several lines that nobody acknowledged, the first may stay. */
const isPartOfLines: PowerOperation["isPart"] = (found, before, after) => {
  const [now, least, most] = [found, before, after] as readonly string[][] as [string[], string[], string[]];
  const begins = (list: readonly string[], all: readonly string[]): boolean =>
    list.every((each, at) => each === all[at]);
  return begins(least, now) && begins(now, most);
};

/** What its records are called. */
const aLog = (name: string): Subject => ({
  empty: [],
  log: name,
  observe: async (directory) => {
    await fileStore(directory)
      .lock(name)
      .withWrite(() => undefined); // finishes what a crash interrupted
    return existsSync(join(directory, name)) ? (await logIn(directory, name).read()).map(({ at }) => at) : [];
  },
});

const documents = ["state.json", "a/b/deep.json", "left.json", "right.json"];
const logs = ["events.jsonl", "a/c/deep.jsonl", "both.jsonl"];

export const storeSubjects: Readonly<Record<string, Subject>> = Object.fromEntries([
  ...documents.map((name) => [name, aDocument(name)] as const),
  ...logs.map((name) => [name, aLog(name)] as const),
]);

const rounds = (held: Holdings, name: string): number[] => held[name] as number[];
const entries = (held: Holdings, name: string): string[] => held[name] as string[];
const entry = (at: string, bytes = 100): Entry => ({ at, text: "x".repeat(bytes) });
const threeOf = (round: number): string[] => ["a", "b", "c"].map((part) => `${round}${part}`);
const manyOf = (round: number): string[] => Array.from({ length: 60 }, (_, at) => `${round}.${at}`);

function updating(name: string): PowerOperation {
  return {
    name: `update of ${name}`,
    subjects: [name],
    atOs: true,
    apply: (held, round) => ({ ...held, [name]: [...rounds(held, name), round] }),
    run: (directory, round, durability) =>
      documentIn(directory, name, durability).update((draft) => void draft.rounds.push(round)),
  };
}

function appending(name: string): PowerOperation {
  return {
    name: `append to ${name}`,
    subjects: [name],
    atOs: true,
    apply: (held, round) => ({ ...held, [name]: [...entries(held, name), `${round}`] }),
    run: (directory, round, durability) => logIn(directory, name, durability).append(entry(`${round}`)),
  };
}

/** What changes one document or one log of a store. */
export const storeOperations: readonly PowerOperation[] = [
  updating("state.json"),
  updating("a/b/deep.json"),
  appending("events.jsonl"),
  appending("a/c/deep.jsonl"),
  {
    name: "write",
    subjects: ["state.json"],
    atOs: true,
    apply: (held, round) => ({ ...held, "state.json": [round] }),
    run: (directory, round, durability) =>
      documentIn(directory, "state.json", durability).write({ ...empty(), rounds: [round] }),
  },
  {
    name: "remove",
    subjects: ["state.json"],
    apply: (held) => ({ ...held, "state.json": [] }),
    run: (directory) => documentIn(directory, "state.json").remove(),
  },
  {
    name: "appendMany",
    subjects: ["events.jsonl"],
    isPart: isPartOfLines,
    atOs: true,
    apply: (held, round) => ({
      ...held,
      "events.jsonl": [...entries(held, "events.jsonl"), ...threeOf(round)],
    }),
    run: (directory, round, durability) =>
      logIn(directory, "events.jsonl", durability).appendMany(threeOf(round).map((at) => entry(at))),
  },
  {
    name: "appendMany of 200 KiB",
    subjects: ["events.jsonl"],
    isPart: isPartOfLines,
    apply: (held, round) => ({
      ...held,
      "events.jsonl": [...entries(held, "events.jsonl"), ...manyOf(round)],
    }),
    run: (directory, round, durability) =>
      logIn(directory, "events.jsonl", durability).appendMany(manyOf(round).map((at) => entry(at, 3_500))),
  },
  {
    name: "log transact",
    subjects: ["events.jsonl"],
    atOs: true,
    apply: (held, round) => ({ ...held, "events.jsonl": [...entries(held, "events.jsonl"), `${round}`] }),
    run: (directory, round, durability) =>
      logIn(directory, "events.jsonl", durability).transact((tx) => tx.append(entry(`${round}`))),
  },
  {
    name: "rewrite",
    subjects: ["events.jsonl"],
    atOs: true,
    apply: (held, round) => ({
      ...held,
      "events.jsonl": [...entries(held, "events.jsonl").slice(-1), `${round}`],
    }),
    run: (directory, round, durability) =>
      logIn(directory, "events.jsonl", durability).rewrite((kept) => [...kept.slice(-1), entry(`${round}`)]),
  },
];

/** What changes several members in one commit. */
export const committingOperations: readonly PowerOperation[] = [
  {
    name: "transact",
    subjects: ["left.json", "right.json", "both.jsonl"],
    apply: (held, round) => ({
      ...held,
      "left.json": [...rounds(held, "left.json"), round],
      "right.json": [...rounds(held, "right.json"), round],
      "both.jsonl": [...entries(held, "both.jsonl"), `${round}`, `${round}`],
    }),
    run: (directory, round) => {
      const store = fileStore(directory);
      const left = store.document<Rounds>({ name: "left.json", defaults: empty });
      const right = store.document<Rounds>({ name: "right.json", defaults: empty });
      const log = store.log<Entry>({ name: "both.jsonl" });
      return store.transact({ left, right, log }, (tx) => {
        tx.left.draft.rounds.push(round);
        tx.right.draft.rounds.push(round);
        tx.log.append(entry(`${round}`), entry(`${round}`));
      });
    },
  },
  {
    name: "transact that rewrites",
    subjects: ["left.json", "both.jsonl", "a/c/deep.jsonl"],
    apply: (held, round) => ({
      ...held,
      "left.json": [...rounds(held, "left.json"), round],
      "both.jsonl": [...entries(held, "both.jsonl").slice(-1), `${round}`],
      "a/c/deep.jsonl": [...entries(held, "a/c/deep.jsonl"), `${round}`],
    }),
    run: (directory, round) => {
      const store = fileStore(directory);
      const left = store.document<Rounds>({ name: "left.json", defaults: empty });
      const both = store.log<Entry>({ name: "both.jsonl" });
      const deep = store.log<Entry>({ name: "a/c/deep.jsonl" });
      return store.transact({ left, both, deep }, async (tx) => {
        tx.left.draft.rounds.push(round);
        tx.both.rewrite([...(await tx.both.entries()).slice(-1), entry(`${round}`)]);
        tx.deep.append(entry(`${round}`));
      });
    },
  },
];
