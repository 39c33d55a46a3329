import { join } from "node:path";
import { appendLines, appendLinesSync, replaceFile, replaceFileSync } from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";

const name = "data.jsonl";

const replacing = {
  files: [name],
  content: (_file: string, rounds: number) => `content ${rounds}\n`.repeat(400 + rounds),
  follow: (directory: string) => replaceFile(join(directory, name), "followed\n"),
  followed: () => "followed\n",
};

const appending = {
  files: [name],
  appends: true,
  content: (_file: string, rounds: number) =>
    Array.from({ length: rounds + 1 }, (_, round) => linesOf(round).join("\n") + "\n").join(""),
  follow: (directory: string) => appendLines(join(directory, name), ['"followed"']),
  followed: (content: string | undefined) => `${content ?? ""}"followed"\n`,
};

function linesOf(round: number): string[] {
  return [0, 1, 2].map((line) => JSON.stringify({ round, line, text: "x".repeat(100) }));
}

/** Operations on bytes: whole files replaced, whole lines appended. */
export const fileOperations: readonly CrashOperation[] = [
  {
    name: "replaceFile",
    ...replacing,
    run: (directory, round) => replaceFile(join(directory, name), replacing.content(name, round)),
  },
  {
    name: "replaceFileSync",
    ...replacing,
    run: (directory, round) => replaceFileSync(join(directory, name), replacing.content(name, round)),
  },
  {
    name: "replaceFile of a new file",
    ...replacing,
    content: (_file, rounds) => (rounds === 0 ? undefined : replacing.content(name, rounds)),
    run: (directory, round) => replaceFile(join(directory, name), replacing.content(name, round)),
  },
  {
    name: "replaceFile with 2 MiB",
    ...replacing,
    content: (_file, rounds) => `${rounds}`.repeat(1 << 21),
    run: (directory, round) => replaceFile(join(directory, name), `${round}`.repeat(1 << 21)),
  },
  {
    name: "appendLines",
    ...appending,
    run: (directory, round) => appendLines(join(directory, name), linesOf(round)),
  },
  {
    name: "appendLinesSync",
    ...appending,
    run: (directory, round) => appendLinesSync(join(directory, name), linesOf(round)),
  },
  {
    name: "appendLines to a new file",
    ...appending,
    content: (_file, rounds) =>
      rounds === 0
        ? undefined
        : Array.from({ length: rounds }, (_, at) => `${linesOf(at + 1).join("\n")}\n`).join(""),
    run: (directory, round) => appendLines(join(directory, name), linesOf(round)),
  },
  {
    name: "appendLines after a torn tail",
    ...appending,
    tornTail: '{"round":0,"line":3,"te',
    run: (directory, round) => appendLines(join(directory, name), linesOf(round)),
  },
];
