import { join } from "node:path";
import { fileStore, replaceFile, type StoreDocument, type StoreLog } from "../harness/core.ts";
import {
  changing,
  counting,
  documentName,
  logName,
  record,
  recording,
  recordingTwo,
  rewritten,
  type Rounds,
} from "./contents.ts";
import type { CrashOperation } from "./crash-operation.ts";

function documentIn(directory: string): StoreDocument<Rounds> {
  return fileStore(directory).document<Rounds>({ name: documentName });
}

function logIn(directory: string): StoreLog<unknown> {
  return fileStore(directory).log<unknown>({ name: logName });
}

/** Operations on one member of a store, by its handle. */
export const memberOperations: readonly CrashOperation[] = [
  {
    name: "StoreDocument.update",
    ...changing,
    onlyChanging: true,
    run: (directory, round) => documentIn(directory).update((draft) => void (draft.rounds = round)),
  },
  {
    name: "StoreDocument.write, of what was read",
    ...rewritten,
    onlyChanging: true,
    async run(directory, round) {
      const document = documentIn(directory);
      await document.read();
      await document.write(rewritten.value(round));
    },
  },
  {
    name: "StoreDocument.remove",
    files: [documentName],
    content: (_file, rounds) => (rounds === 0 ? "removed\n" : undefined),
    run: (directory) => documentIn(directory).remove(),
    follow: (directory) => replaceFile(join(directory, documentName), "followed\n"),
    followed: () => "followed\n",
  },
  {
    name: "StoreLog.appendMany",
    ...recordingTwo,
    onlyChanging: true,
    run: (directory, round) => logIn(directory).appendMany([record(round), record(round)]),
  },
  {
    name: "StoreLogCursor.advance, and again in a StoreLog.transact",
    ...recording,
    onlyChanging: true,
    async run(directory) {
      const log = logIn(directory);
      const cursor = log.cursor();
      const sink = counting();
      await cursor.advance(sink);
      await log.transact(async (draft) => {
        await draft.advance(cursor, sink);
        draft.append(record(sink.records));
      });
    },
  },
  {
    name: "StoreLog.rewrite",
    ...recording,
    appends: false,
    onlyChanging: true,
    run: (directory, round) => logIn(directory).rewrite((entries) => [...entries, record(round)]),
  },
  {
    name: "StoreLock.withWrite, StoreLock.withRead, StoreLock.acquire, StoreLock.tryAcquire",
    files: ["data"],
    content: () => "data\n",
    onlyChanging: true,
    async run(directory) {
      const lock = fileStore(directory).lock("data");
      await lock.withWrite(() => undefined);
      await lock.withRead(() => undefined);
      await (await lock.acquire("exclusive")).release();
      await (await lock.tryAcquire("exclusive"))?.release();
    },
  },
];
