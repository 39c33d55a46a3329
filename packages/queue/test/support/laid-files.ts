import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "@flockwork/core";
import { temporaryStore } from "./queue-directory.ts";

export const at = "2026-01-01T00:00:00.000Z";

/** JSON can hold it, and nothing can make a text or a number of it. */
export const unspeakable = { toString: 1, valueOf: 2 };

/** The files of a queue, as somebody wrote them by hand. Of what is no text a line is made. */
export function laidFiles(files: Readonly<Record<string, readonly unknown[]>>): {
  readonly directory: string;
  readonly store: Store;
  /** What the files hold now. */
  readonly texts: () => readonly string[];
} {
  const { store, directory } = temporaryStore();
  const path = (name: string): string => join(directory, "queue", name);
  mkdirSync(join(directory, "queue"));
  for (const [name, records] of Object.entries(files)) {
    const lines = records.map((record) => (typeof record === "string" ? record : JSON.stringify(record)));
    writeFileSync(path(name), lines.map((line) => `${line}\n`).join(""));
  }
  return {
    directory,
    store,
    texts: () => Object.keys(files).map((name) => readFileSync(path(name), "utf8")),
  };
}
