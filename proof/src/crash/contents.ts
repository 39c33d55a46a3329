/** What the documents and logs hold, round by round. */
import { join } from "node:path";
import { jsonDocument, jsonlLog } from "../harness/core.ts";

export interface Rounds {
  rounds: number;
}

export const documentName = "state.json";
export const logName = "events.jsonl";

/** A document that counts its rounds. */
export const changing = {
  files: [documentName],
  content: (_file: string, rounds: number): string | undefined =>
    `{"kept": 9007199254740993,\n "rounds": ${rounds}, "text": "${"x".repeat(5_000)}"}\n`,
  follow: (directory: string) =>
    jsonDocument<Rounds>(join(directory, documentName)).update((draft) => void (draft.rounds = -1)),
  followed: (content: string | undefined) => (content ?? "").replace(/"rounds": \d+/, '"rounds": -1'),
};

/** A log that gets a record each round. */
export const recording = {
  files: [logName],
  appends: true,
  content: (_file: string, rounds: number): string | undefined =>
    Array.from({ length: rounds + 1 }, (_, round) => recordText(round)).join(""),
  follow: (directory: string) => jsonlLog(join(directory, logName)).append("followed"),
  followed: (content: string | undefined) => `${content ?? ""}"followed"\n`,
};

/** The line of a round. */
export function recordText(round: number): string {
  return `${JSON.stringify({ round, text: "x".repeat(200) })}\n`;
}

/** The record of a round. */
export function record(round: number): unknown {
  return JSON.parse(recordText(round));
}
