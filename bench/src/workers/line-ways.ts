/** One line of 300 bytes appended to a JSONL file, by each package that can. */
import { closeSync, existsSync, fdatasyncSync, openSync, writeFileSync, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { jsonlLog, withWriteLock, type Durability } from "@flockwork/core";
import { countLines } from "../measure/count-lines.ts";
import { loadPeer } from "../measure/peers.ts";
import { replacements, type CountedWay } from "./document-ways.ts";
import type { ProperLockfile } from "./proper-lockfile.ts";
import { openSqlite } from "./sqlite-document.ts";

const record = { type: "note", at: "2026-01-01T00:00:00.000Z", text: "x".repeat(242) };
const line = `${JSON.stringify(record)}\n`;
if (line.length !== 300) throw new Error(`a line has ${line.length} bytes, not 300`);

/** The least inside our own lock: a descriptor that is kept, an append and a sync. */
function lockedWay(path: string): CountedWay["update"] {
  const fd = openSync(path, "a");
  return () =>
    withWriteLock(
      path,
      () => {
        writeSync(fd, `${JSON.stringify(record)}\n`);
        fdatasyncSync(fd);
      },
      { timeoutMs: Infinity },
    );
}

/** @param kilobytes - Of lines that the file begins with, where it is missing: they are not counted. */
export function openLineWay(
  name: string,
  path: string,
  durability: Durability,
  kilobytes: number,
): CountedWay {
  const first = Math.floor((kilobytes * 1_000) / line.length);
  if (name === "node:sqlite" || name === "better-sqlite3") {
    const database = openSqlite(path, durability === "disk" ? "FULL" : "NORMAL", name);
    database.exec("CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, line TEXT)");
    const insert = database.prepare("INSERT INTO log (line) VALUES (?)");
    const count = database.prepare("SELECT count(*) AS lines FROM log");
    const lines = (): number => Number(count.get()?.["lines"]);
    database.exec("BEGIN IMMEDIATE");
    if (lines() === 0) for (let at = 0; at < first; at += 1) insert.run(JSON.stringify(record));
    database.exec("COMMIT");
    return { update: () => void insert.run(JSON.stringify(record)), stored: () => lines() - first };
  }
  if (!existsSync(path)) writeFileSync(path, line.repeat(first));
  const stored = (): number => countLines(path) - first;
  if (name === "ours") {
    const log = jsonlLog<typeof record>(path, { durability });
    return { update: () => log.append(record, { timeoutMs: Infinity }), stored };
  }
  const append = (): void => {
    const fd = openSync(path, "a");
    writeSync(fd, `${JSON.stringify(record)}\n`);
    if (durability === "disk") fdatasyncSync(fd);
    closeSync(fd);
  };
  if (name === "plain fs") return { update: append, stored };
  if (name === "our lock") return { update: lockedWay(path), stored };
  const replace = replacements(durability === "disk")[name]?.();
  if (replace !== undefined) {
    const lengthened = async (): Promise<string> =>
      `${await readFile(path, "utf8")}${JSON.stringify(record)}\n`;
    return { update: async () => replace(path, await lengthened()), stored };
  }
  const { lock } = loadPeer("proper-lockfile") as ProperLockfile;
  const retries = { forever: true, minTimeout: 1, maxTimeout: 1, factor: 1 } as const;
  return {
    update: async () => {
      const release = await lock(path, { realpath: false, retries });
      append();
      await release();
    },
    stored,
  };
}
