import { join } from "node:path";
import { appendJsonlSync, jsonDocument, jsonlLog, updateJsonSync } from "../harness/core.ts";
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
  {
    name: "jsonlLog.rewrite",
    ...recording,
    appends: false,
    run: (directory, round) =>
      jsonlLog(join(directory, logName)).rewrite((entries) => [...entries, record(round)]),
  },
];
