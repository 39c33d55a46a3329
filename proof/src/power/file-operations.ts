import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { appendFile, updateJson, writeFile } from "@flockwork/core/fs";
import { appendLinesSync, jsonDocument, replaceFileSync, withReadLock } from "../harness/core.ts";
import type { Holdings, PowerOperation, Subject } from "./power-operation.ts";

/** A file whose content is its state. */
function textFile(name: string): Subject {
  return { empty: "", observe: (directory) => textOfFile(join(directory, name)) };
}

/** A file of lines: what comes after the last of them is nobody's, and the next append sets it aside. */
function lineFile(name: string): Subject {
  return {
    empty: "",
    log: name,
    observe: async (directory) => (await textOfFile(join(directory, name))).replace(/[^\n]*$/, ""),
  };
}

function textOfFile(path: string): Promise<string> {
  return withReadLock(path, () => (existsSync(path) ? readFileSync(path, "utf8") : ""));
}

/** More than a page, so that there is a half of it. */
const paragraph = (round: number): string => `${round} `.repeat(3_000);

export const fileSubjects: Readonly<Record<string, Subject>> = {
  "notes.txt": textFile("notes.txt"),
  "report.txt": textFile("report.txt"),
  "journal.txt": lineFile("journal.txt"),
  "count.json": {
    empty: [],
    observe: async (directory) =>
      (
        await jsonDocument<{ rounds: number[] }>(join(directory, "count.json"), {
          defaults: () => ({ rounds: [] }),
        }).read()
      ).rounds,
  },
};

/** The first of what was to be appended. */
const isBegun = (found: unknown, before: unknown, after: unknown): boolean =>
  String(found).startsWith(String(before)) && String(after).startsWith(String(found));

const textOf = (held: Holdings, name: string): string => String(held[name]);

/** What replaces and appends bytes, and what looks like `node:fs`. */
export const fileOperations: readonly PowerOperation[] = [
  {
    name: "fs writeFile",
    subjects: ["notes.txt"],
    atOs: true,
    apply: (held, round) => ({ ...held, "notes.txt": paragraph(round) }),
    run: (directory, round, durability) =>
      writeFile(join(directory, "notes.txt"), paragraph(round), { durability }),
  },
  {
    name: "fs appendFile",
    subjects: ["notes.txt"],
    atOs: true,
    apply: (held, round) => ({ ...held, "notes.txt": `${textOf(held, "notes.txt")}+${round}` }),
    run: (directory, round, durability) =>
      appendFile(join(directory, "notes.txt"), `+${round}`, { durability }),
    // Bytes that never came are NULs, where the file was made longer before they were written.
    isPart: (found, before, after) =>
      String(found).length <= String(after).length &&
      isBegun(String(found).replace(/\0+$/, ""), before, after),
  },
  {
    name: "fs updateJson",
    subjects: ["count.json"],
    atOs: true,
    apply: (held, round) => ({ ...held, "count.json": [...(held["count.json"] as number[]), round] }),
    run: (directory, round, durability) =>
      updateJson<{ rounds: number[] }>(
        join(directory, "count.json"),
        (draft) => void draft.rounds.push(round),
        { durability, defaults: () => ({ rounds: [] }) },
      ),
  },
  {
    name: "replaceFileSync",
    subjects: ["report.txt"],
    atOs: true,
    apply: (held, round) => ({ ...held, "report.txt": paragraph(round) }),
    run: (directory, round, durability) =>
      replaceFileSync(join(directory, "report.txt"), paragraph(round), { durability }),
  },
  {
    name: "appendLinesSync",
    subjects: ["journal.txt"],
    atOs: true,
    apply: (held, round) => ({
      ...held,
      "journal.txt": `${textOf(held, "journal.txt")}one ${round}\ntwo ${round}\n`,
    }),
    run: (directory, round, durability) =>
      appendLinesSync(join(directory, "journal.txt"), [`one ${round}`, `two ${round}`], { durability }),
    isPart: (found, before, after) => isBegun(found, before, after) && String(found).endsWith("\n"),
  },
];
