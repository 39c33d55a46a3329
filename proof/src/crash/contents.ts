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

const text = "x".repeat(300);

/** A document that is written as a whole each round. */
export const rewritten = {
  files: [documentName],
  value: (rounds: number): Rounds => ({ rounds, text }) as Rounds,
  content: (_file: string, rounds: number): string | undefined =>
    `{"rounds": ${rounds}, "text": "${text}"}\n`,
  follow: changing.follow,
  followed: changing.followed,
};

/** A log that gets the record of a round twice. */
export const recordingTwo = {
  ...recording,
  content: (_file: string, rounds: number): string | undefined =>
    Array.from({ length: rounds + 1 }, (_, round) => recordText(round).repeat(2)).join(""),
};

/** Counts the records of a log: so many rounds it has come to, the next one included. */
export function counting(): { records: number; apply(): void; reset(): void } {
  const sink = {
    records: 0,
    apply: () => void (sink.records += 1),
    reset: () => void (sink.records = 0),
  };
  return sink;
}

/** The line of a round. */
export function recordText(round: number): string {
  return `${JSON.stringify({ round, text: "x".repeat(200) })}\n`;
}

/** The record of a round. */
export function record(round: number): unknown {
  return JSON.parse(recordText(round));
}
