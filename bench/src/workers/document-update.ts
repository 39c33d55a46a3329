/**
 * Updates of a 10 KB JSON document: read, parse, count up, write. Arguments: file, way, callers at once. A line is updates per caller.
 * Checks at each answer that no update was lost, where the way promises that.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { jsonDocument } from "@flockwork/core";
import { loadPeer } from "../measure/peers.ts";
import { answerLines, costOf } from "./line-server.ts";
import type { ProperLockfile } from "./proper-lockfile.ts";
import { sqliteDocument } from "./sqlite-document.ts";
import { tenKilobytes, type TenKilobytes } from "./ten-kilobytes.ts";

type WriteFileAtomic = (path: string, text: string) => Promise<void>;

const [path = "", way = "ours", callers = "1"] = process.argv.slice(2);
const retries = { forever: true, minTimeout: 1, factor: 1 } as const;

function counted(text: string): string {
  const document = JSON.parse(text) as TenKilobytes;
  document.counter += 1;
  return JSON.stringify(document, undefined, 2);
}

/** What the disk has to do, by blocking calls: nothing can be as durable and do less. */
function replaceRaw(text: string): void {
  const staged = openSync(`${path}.raw`, "w");
  writeSync(staged, text);
  fsyncSync(staged);
  closeSync(staged);
  renameSync(`${path}.raw`, path);
  const directory = openSync(dirname(path), "r");
  fsyncSync(directory);
  closeSync(directory);
}

interface Way {
  readonly update: () => Promise<unknown> | void;
  readonly read: () => string;
}

function prepare(): Way {
  const text = JSON.stringify(tenKilobytes(), undefined, 2);
  if (way === "sqlite" || way === "better-sqlite3") {
    const row = sqliteDocument(path, text, "FULL", way === "sqlite" ? "node:sqlite" : way);
    return { update: () => row.update(counted), read: () => row.read() };
  }
  writeFileSync(path, text);
  const read = (): string => readFileSync(path, "utf8");
  if (way === "ours") {
    const document = jsonDocument<TenKilobytes>(path);
    return { update: () => document.update((draft) => void (draft.counter += 1)), read };
  }
  if (way === "raw calls") return { update: () => replaceRaw(counted(read())), read };
  const writeFileAtomic = loadPeer("write-file-atomic") as WriteFileAtomic;
  const replace = async (): Promise<void> => writeFileAtomic(path, counted(await readFile(path, "utf8")));
  if (way === "write-file-atomic") return { update: replace, read };
  const { lock } = loadPeer("proper-lockfile") as ProperLockfile;
  return {
    update: async () => {
      const release = await lock(path, { realpath: false, retries });
      await replace();
      await release();
    },
    read,
  };
}

const { update, read } = prepare();
let expected = 0;

async function caller(updates: number): Promise<void> {
  for (let at = 0; at < updates; at += 1) await update();
}

await answerLines(async (line) => {
  const all = Number(line) * Number(callers);
  const cost = await costOf(all, () =>
    Promise.all(Array.from({ length: Number(callers) }, () => caller(Number(line)))),
  );
  expected += all;
  const { counter } = JSON.parse(read()) as TenKilobytes;
  if (counter !== expected) throw new Error(`${expected - counter} updates lost`);
  return cost;
});
