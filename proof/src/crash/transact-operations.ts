import { join } from "node:path";
import { fileStore, updateJsonSync, type Store, type StoreDocument, type StoreLog } from "../harness/core.ts";
import { changing, logName, record, recording, recordText, type Rounds } from "./contents.ts";
import type { CrashOperation } from "./crash-operation.ts";

const members = ["left.json", "right.json", logName] as const;

/** A store and its members, opened. */
export interface OpenMembers {
  readonly store: Store;
  readonly left: StoreDocument<Rounds>;
  readonly right: StoreDocument<Rounds>;
  readonly events: StoreLog<unknown>;
}

/** Opens what is committed together. */
export function open(directory: string): OpenMembers {
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

/** Takes all locks, and changes nothing. */
export function finishAll(directory: string): Promise<unknown> {
  const { store, ...all } = open(directory);
  return store.transact(all, () => undefined);
}

/** One commit of two documents and a log, each round. */
export const committing: CrashOperation = {
  name: "store.transact of three files",
  files: members,
  content: (file: string, rounds: number): string | undefined =>
    file === logName
      ? Array.from({ length: rounds + 1 }, (_, round) => recordText(round).repeat(2)).join("")
      : changing.content(file, rounds),
  run: (directory, round) => commitAll(directory, round, [record(round), record(round)]),
  follow: (directory: string) => commitAll(directory, -1, ["followed"]),
  followed: (content: string | undefined) =>
    content?.startsWith('{"kept"') === true ? changing.followed(content) : recording.followed(content),
};

/** A commit of three files, with everyone who may come by it after a crash. */
export const transactOperations: readonly CrashOperation[] = (
  [
    ["a document", (directory) => open(directory).left.readLocked()],
    ["another document", (directory) => updateJsonSync(join(directory, "right.json"), () => undefined)],
    ["the log", (directory) => open(directory).events.transact(() => undefined)],
    ["all of them", finishAll],
  ] satisfies [string, CrashOperation["recover"]][]
).map(([first, recover]) => ({ ...committing, name: `${committing.name}, then ${first}`, recover }));
