/**
 * The calls that must not become slower, on one thread, by one caller. It runs inside the checkout that is measured, so it uses
 * only what every commit has. Arguments: a directory, then either a path's name, and each line of input is a count, answered with
 * the processor time of one call; or a count, and each path is called so often, between two calls of umask that a tracer can see.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { jsonDocument, jsonlLog, withWriteLock, withWriteLockSync } from "@flockwork/core";

const [directory = "", what = ""] = process.argv.slice(2);
mkdirSync(directory, { recursive: true });
const file = join(directory, "file.json");
let seen = 0;

interface Items {
  counter: number;
  readonly items: readonly { readonly id: number; readonly text: string }[];
}

function tenKilobytes(): Items {
  return { counter: 0, items: Array.from({ length: 60 }, (_, id) => ({ id, text: "x".repeat(120) })) };
}

const paths: Readonly<Record<string, () => (count: number) => Promise<void> | void>> = {
  "lock, sync": () => (count) => {
    for (let at = 0; at < count; at += 1) withWriteLockSync(file, () => void (seen += 1));
  },
  lock: () => async (count) => {
    for (let at = 0; at < count; at += 1) await withWriteLock(file, () => void (seen += 1));
  },
  "cached read": () => {
    writeFileSync(file, JSON.stringify(tenKilobytes(), undefined, 2));
    const document = jsonDocument<Items>(file);
    return async (count) => {
      for (let at = 0; at < count; at += 1) seen += (await document.read()).items.length;
    };
  },
  update: () => {
    writeFileSync(file, JSON.stringify(tenKilobytes(), undefined, 2));
    const document = jsonDocument<Items>(file, { durability: "os" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await document.update((draft) => void (draft.counter += 1));
    };
  },
  append: () => {
    const log = jsonlLog<{ text: string }>(join(directory, "log.jsonl"), { durability: "os" });
    return async (count) => {
      for (let at = 0; at < count; at += 1) await log.append({ text: "x".repeat(280) });
    };
  },
};

/** So often before anything is counted: what is only done once is not to be in the count. */
const warmUp = 30;

async function serve(run: (count: number) => Promise<void> | void): Promise<void> {
  process.stdout.write("ready\n");
  for await (const line of createInterface({ input: process.stdin })) {
    const before = process.cpuUsage();
    await run(Number(line));
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(`${JSON.stringify({ cpuUs: (user + system) / Number(line) })}\n`);
  }
}

async function callAll(count: number): Promise<void> {
  for (const prepare of Object.values(paths)) {
    const run = prepare();
    await run(warmUp);
    await delay(50); // a file that was just written is read again and again: it may change once more within its instant
    await run(warmUp);
    process.umask(0o22);
    await run(count);
    process.umask(0o22);
  }
}

const prepare = paths[what];
if (prepare !== undefined) await serve(prepare());
else if (Number(what) > 0) await callAll(Number(what));
else throw new RangeError(`no hot path is called ${what}`);
