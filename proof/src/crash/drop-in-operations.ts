import { join } from "node:path";
import { dropIn, replaceFile } from "../harness/core.ts";
import type { CrashOperation } from "./crash-operation.ts";

const name = "data.txt";

const writing = {
  files: [name],
  content: (_file: string, rounds: number) => `content ${rounds}\n`.repeat(20 + rounds),
  throwsAsTheSystem: true,
  follow: (directory: string) => dropIn.writeFile(join(directory, name), "followed\n"),
  followed: () => "followed\n",
};

/** Bytes, not lines: none of them is ever a torn one. */
const appending = {
  files: [name],
  content: (_file: string, rounds: number) =>
    Array.from({ length: rounds + 1 }, (_, round) => textOf(round)).join(""),
  throwsAsTheSystem: true,
  follow: (directory: string) => dropIn.appendFile(join(directory, name), "followed"),
  followed: (content: string | undefined) => `${content ?? ""}followed`,
};

function textOf(round: number): string {
  return `appended ${round}, and no line`;
}

/** The calls of `@flockwork/core/fs` that change files. */
export const dropInOperations: readonly CrashOperation[] = [
  {
    name: "fs.writeFile",
    ...writing,
    onlyChanging: true,
    run: (directory, round) => dropIn.writeFile(join(directory, name), writing.content(name, round)),
  },
  {
    name: "fs.writeFile of a new file",
    ...writing,
    content: (_file, rounds) => (rounds === 0 ? undefined : writing.content(name, rounds)),
    onlyChanging: true,
    follow: (directory) => replaceFile(join(directory, name), "followed\n"),
    run: (directory, round) => dropIn.writeFile(join(directory, name), writing.content(name, round)),
  },
  {
    name: "fs.writeFileSync",
    ...writing,
    onlyChanging: true,
    run: (directory, round) => dropIn.writeFileSync(join(directory, name), writing.content(name, round)),
  },
  {
    name: "fs.appendFile",
    ...appending,
    run: (directory, round) => dropIn.appendFile(join(directory, name), textOf(round)),
  },
  {
    name: "fs.appendFile to a new file",
    ...appending,
    appends: true, // it may be there and hold nothing
    content: (_file, rounds) =>
      rounds === 0 ? undefined : Array.from({ length: rounds }, (_, at) => textOf(at + 1)).join(""),
    onlyChanging: true,
    run: (directory, round) => dropIn.appendFile(join(directory, name), textOf(round)),
  },
  {
    name: "fs.appendFileSync",
    ...appending,
    onlyChanging: true,
    run: (directory, round) => dropIn.appendFileSync(join(directory, name), textOf(round)),
  },
];
