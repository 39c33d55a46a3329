import { join } from "node:path";
import {
  appendJsonlSync,
  fileStore,
  jsonDocument,
  jsonlLog,
  updateJsonSync,
  type Store,
  type StoreDocument,
  type StoreLog,
} from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";

interface Rounds {
  rounds: number;
}

const documentName = "state.json";
const logName = "events.jsonl";

const changing = {
  files: [documentName],
  content: (_file: string, rounds: number): string | undefined =>
    `{"kept": 9007199254740993,\n "rounds": ${rounds}, "text": "${"x".repeat(5_000)}"}\n`,
  follow: (directory: string) =>
    jsonDocument<Rounds>(join(directory, documentName)).update((draft) => void (draft.rounds = -1)),
  followed: (content: string | undefined) => (content ?? "").replace(/"rounds": \d+/, '"rounds": -1'),
};

const recording = {
  files: [logName],
  appends: true,
  content: (_file: string, rounds: number): string | undefined =>
    Array.from({ length: rounds + 1 }, (_, round) => recordText(round)).join(""),
  follow: (directory: string) => jsonlLog(join(directory, logName)).append("followed"),
  followed: (content: string | undefined) => `${content ?? ""}"followed"\n`,
};

const members = ["left.json", "right.json", logName] as const;

interface OpenMembers {
  readonly store: Store;
  readonly left: StoreDocument<Rounds>;
  readonly right: StoreDocument<Rounds>;
  readonly events: StoreLog<unknown>;
}

function open(directory: string): OpenMembers {
  const store = fileStore(directory);
  const [left, right, events] = members;
  return {
    store,
    left: store.document<Rounds>({ name: left }),
    right: store.document<Rounds>({ name: right }),
    events: store.log<unknown>({ name: events }),
  };
}

/** One commit of two documents and a log, which gets two lines. */
function commitAll(directory: string, round: number, lines: readonly unknown[]): Promise<unknown> {
  const { store, left, right, events } = open(directory);
  return store.transact({ left, right, events }, (tx) => {
    tx.left.draft.rounds = round;
    tx.right.draft.rounds = round;
    tx.events.append(...lines);
  });
}

function finishAll(directory: string): Promise<unknown> {
  const { store, ...all } = open(directory);
  return store.transact(all, () => undefined);
}

const committing = {
  files: members,
  content: (file: string, rounds: number): string | undefined =>
    file === logName
      ? Array.from({ length: rounds + 1 }, (_, round) => recordText(round).repeat(2)).join("")
      : changing.content(file, rounds),
  follow: (directory: string) => commitAll(directory, -1, ["followed"]),
  followed: (content: string | undefined) =>
    content?.startsWith('{"kept"') === true ? changing.followed(content) : recording.followed(content),
};

const rewrittenMembers = ["left.json", logName, "second.jsonl"] as const;

function openRewritten(
  directory: string,
): Omit<OpenMembers, "right"> & { readonly second: StoreLog<unknown> } {
  const { store, left, events } = open(directory);
  return { store, left, events, second: store.log<unknown>({ name: "second.jsonl" }) };
}

/** One commit that rewrites two logs, each to what it is in this round, and changes a document. */
function rewriteBoth(directory: string, round: number): Promise<unknown> {
  const { store, ...all } = openRewritten(directory);
  return store.transact(all, async (tx) => {
    tx.left.draft.rounds = round;
    for (const log of [tx.events, tx.second]) log.rewrite([...(await log.entries()).slice(1), record(round)]);
  });
}

const rewriting = {
  files: rewrittenMembers,
  content: (file: string, rounds: number): string | undefined =>
    file === "left.json" ? changing.content(file, rounds) : recordText(rounds),
  follow: async (directory: string): Promise<void> => {
    const { store, ...all } = openRewritten(directory);
    await store.transact(all, (tx) => {
      tx.left.draft.rounds = -1;
      tx.events.append("followed");
      tx.second.append("followed");
    });
  },
  followed: committing.followed,
};

function recordText(round: number): string {
  return `${JSON.stringify({ round, text: "x".repeat(200) })}\n`;
}

function record(round: number): unknown {
  return JSON.parse(recordText(round));
}

/** Operations on JSON documents and JSONL logs. */
export const storeOperations: readonly CrashOperation[] = [
  {
    name: "JsonDocument.update",
    ...changing,
    run: (directory, round) =>
      jsonDocument<Rounds>(join(directory, documentName)).update((draft) => void (draft.rounds = round)),
  },
  {
    name: "updateJsonSync",
    ...changing,
    run: (directory, round) =>
      updateJsonSync<Rounds>(join(directory, documentName), (draft) => void (draft.rounds = round)),
  },
  {
    name: "jsonlLog.append",
    ...recording,
    run: (directory, round) => jsonlLog(join(directory, logName)).append(record(round)),
  },
  {
    name: "appendJsonlSync",
    ...recording,
    run: (directory, round) => appendJsonlSync(join(directory, logName), record(round)),
  },
  {
    name: "jsonlLog.append after a torn tail",
    ...recording,
    tornTail: '{"round":0,"text":"xx',
    run: (directory, round) => jsonlLog(join(directory, logName)).append(record(round)),
  },
  {
    name: "jsonlLog.transact",
    ...recording,
    run: (directory, round) =>
      jsonlLog(join(directory, logName)).transact((transaction) => transaction.append(record(round))),
  },
  ...(
    [
      ["a document", (directory) => open(directory).left.readLocked()],
      ["another document", (directory) => updateJsonSync(join(directory, "right.json"), () => undefined)],
      ["the log", (directory) => open(directory).events.transact(() => undefined)],
      ["all of them", finishAll],
    ] satisfies [string, CrashOperation["recover"]][]
  ).map(([first, recover]) => ({
    name: `store.transact of three files, then ${first}`,
    ...committing,
    recover,
    run: (directory: string, round: number) => commitAll(directory, round, [record(round), record(round)]),
  })),
  ...(
    [
      ["the document", (directory) => openRewritten(directory).left.readLocked()],
      ["one log", (directory) => openRewritten(directory).second.transact(() => undefined)],
    ] satisfies [string, CrashOperation["recover"]][]
  ).map(([first, recover]) => ({
    name: `store.transact that rewrites two logs, then ${first}`,
    ...rewriting,
    recover,
    run: rewriteBoth,
  })),
  {
    name: "jsonlLog.rewrite",
    ...recording,
    appends: false,
    run: (directory, round) =>
      jsonlLog(join(directory, logName)).rewrite((entries) => [...entries, record(round)]),
  },
];
