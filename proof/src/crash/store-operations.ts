import { join } from "node:path";
import { appendJsonlSync, jsonDocument, jsonlLog, updateJsonSync } from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";
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
    name: "JsonDocument.write",
    ...rewritten,
    run: (directory, round) =>
      jsonDocument<Rounds>(join(directory, documentName)).write(rewritten.value(round)),
  },
  {
    name: "JsonDocument.writeSync",
    ...rewritten,
    onlyChanging: true,
    run: (directory, round) =>
      jsonDocument<Rounds>(join(directory, documentName)).writeSync(rewritten.value(round)),
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
    name: "jsonlLog.appendMany",
    ...recordingTwo,
    onlyChanging: true,
    run: (directory, round) => jsonlLog(join(directory, logName)).appendMany([record(round), record(round)]),
  },
  {
    name: "LogCursor.advance, and LogCursor.advanceSync in a jsonlLog.transact",
    ...recording,
    onlyChanging: true,
    async run(directory) {
      const log = jsonlLog(join(directory, logName));
      const cursor = log.cursor();
      const sink = counting();
      await cursor.advance(sink);
      await log.transact((transaction) => {
        cursor.advanceSync(sink);
        transaction.append(record(sink.records));
      });
    },
  },
  {
    name: "jsonlLog.transact",
    ...recording,
    run: (directory, round) =>
      jsonlLog(join(directory, logName)).transact((transaction) => transaction.append(record(round))),
  },
  {
    name: "jsonlLog.rewrite",
    ...recording,
    appends: false,
    run: (directory, round) =>
      jsonlLog(join(directory, logName)).rewrite((entries) => [...entries, record(round)]),
  },
];
