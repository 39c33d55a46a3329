/** One number of a JSON document counted up and stored, by each package that can: read, parse, change, write. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { jsonDocument, type Durability } from "@flockwork/core";
import { loadPeer } from "../measure/peers.ts";
import type { ProperLockfile } from "./proper-lockfile.ts";
import { sqliteDocument, type SqliteDriver } from "./sqlite-document.ts";
import { tenKilobytes, type TenKilobytes } from "./ten-kilobytes.ts";

export interface CountedWay {
  readonly update: () => Promise<unknown> | void;
  /** What is stored now: how many updates are not lost. */
  readonly stored: () => number;
}

export type Replace = (path: string, text: string) => Promise<void>;

function counted(text: string): string {
  const document = JSON.parse(text) as TenKilobytes;
  document.counter += 1;
  return JSON.stringify(document, undefined, 2);
}

/** With a replacement of the whole file, without a lock. */
function replacing(path: string, replace: Replace): CountedWay["update"] {
  return async () => replace(path, counted(await readFile(path, "utf8")));
}

/** By the name of the package; loaded when it is called. */
export function replacements(fsync: boolean): Readonly<Record<string, () => Replace>> {
  return {
    "write-file-atomic": () => {
      const write = loadPeer("write-file-atomic") as (
        path: string,
        text: string,
        options: object,
      ) => Promise<void>;
      return (path, text) => write(path, text, { fsync });
    },
    atomically: () => {
      const { writeFile: write } = loadPeer("atomically") as {
        readonly writeFile: (path: string, text: string, options: object) => Promise<void>;
      };
      return (path, text) => write(path, text, { fsync });
    },
    steno: () => {
      const { Writer } = loadPeer("steno") as {
        readonly Writer: new (path: string) => { write(text: string): Promise<void> };
      };
      let writer: InstanceType<typeof Writer> | undefined;
      return (path, text) => (writer ??= new Writer(path)).write(text);
    },
    "plain fs": () => (path, text) => writeFile(path, text, { flush: fsync }),
  };
}

/** lowdb keeps the document in memory; another process is seen only if it reads again. */
function lowdbWay(path: string): CountedWay["update"] {
  const { Low } = loadPeer("lowdb") as { readonly Low: new (adapter: object, data: object) => LowDatabase };
  const { JSONFile } = loadPeer("lowdb/node") as { readonly JSONFile: new (path: string) => object };
  const database = new Low(new JSONFile(path), {});
  return async () => {
    await database.read();
    await database.update((data) => void (data.counter += 1));
  };
}

interface LowDatabase {
  read(): Promise<void>;
  update(change: (data: TenKilobytes) => void): Promise<void>;
}

function lockedWay(path: string, update: CountedWay["update"]): CountedWay["update"] {
  const { lock } = loadPeer("proper-lockfile") as ProperLockfile;
  const retries = { forever: true, minTimeout: 1, maxTimeout: 1, factor: 1 } as const;
  return async () => {
    const release = await lock(path, { realpath: false, retries });
    await update();
    await release();
  };
}

/** @param name - A package, or two with ` + ` between a lock and a replacement. */
export function openDocumentWay(
  name: string,
  path: string,
  durability: Durability,
  kilobytes: number,
): CountedWay {
  const text = JSON.stringify(tenKilobytes(kilobytes), undefined, 2);
  if (name === "node:sqlite" || name === "better-sqlite3") {
    const synchronous = durability === "disk" ? "FULL" : "NORMAL";
    const row = sqliteDocument(path, text, synchronous, name satisfies SqliteDriver);
    return {
      update: () => row.update(counted),
      stored: () => (JSON.parse(row.read()) as TenKilobytes).counter,
    };
  }
  if (!existsSync(path)) writeFileSync(path, text);
  const stored = (): number => (JSON.parse(readFileSync(path, "utf8")) as TenKilobytes).counter;
  if (name === "ours") {
    const document = jsonDocument<TenKilobytes>(path, { durability });
    const wait = { timeoutMs: Infinity };
    return { update: () => document.update((draft) => void (draft.counter += 1), wait), stored };
  }
  if (name === "lowdb") return { update: lowdbWay(path), stored };
  const [own = "", locked] = name.split(" + ").toReversed();
  const replace = replacements(durability === "disk")[own]?.();
  if (replace === undefined) throw new RangeError(`no way to update a document is called ${name}`);
  const update = replacing(path, replace);
  return { update: locked === undefined ? update : lockedWay(path, update), stored };
}
