/** Paths that must not be used: special files, links, foreign owners, missing directories (P10, P11). */
import { hash } from "node:crypto";
import { chmodSync, chownSync, lchownSync, linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";
import type { PublicCall } from "./public-calls.ts";

export interface HostilePath {
  readonly name: string;
  /** Makes it. Returns the path to use, or why it cannot be made here. */
  prepare(
    directory: string,
  ): { readonly path: unknown } | string | Promise<{ readonly path: unknown } | string>;
  /** The calls it is put before. */
  concerns(call: PublicCall): boolean;
}

/** What made the path may say, in words, why it could not. */
function refusalOr(made: unknown, path: string): { readonly path: string } | string {
  return typeof made === "string" ? made : { path };
}

const everyCall = (): boolean => true;
/** A log that is not there is empty, and there is no text in it. */
const saysWhatIsMissing = ({ name, makesDirectories }: PublicCall): boolean =>
  name !== "JsonlLog.read" && name !== "readText" && makesDirectories !== true;
const lockers = ({ locks }: PublicCall): boolean => locks;

function onLock(name: string, make: (lockPath: string, directory: string) => unknown): HostilePath {
  return {
    name: `the lock path is ${name}`,
    prepare(directory) {
      const path = join(directory, "data");
      writeFileSync(path, "{}\n");
      return refusalOr(make(`${path}.lock`, directory), path);
    },
    concerns: lockers,
  };
}

function onData(
  name: string,
  make: (path: string, directory: string) => unknown,
  concerns: (call: PublicCall) => boolean = everyCall,
): HostilePath {
  return {
    name,
    async prepare(directory) {
      const path = join(directory, "data");
      return refusalOr(await make(path, directory), path);
    },
    concerns,
  };
}

export function makeFifo(path: string): string | undefined {
  if (findCommand("mkfifo") === undefined) return "mkfifo is not installed";
  return runCommand("mkfifo", [path]);
}

/** A socket stays in the directory only while somebody listens; the server ends with the process. */
function makeSocket(path: string): Promise<undefined> {
  return new Promise((resolve) => {
    createServer()
      .listen(path, () => resolve(undefined))
      .unref();
  });
}

export function giveAway(path: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root can give a file to another user";
  writeFileSync(path, "", { mode: 0o666 });
  chownSync(path, 1234, 1234);
  return undefined;
}

/** As in `/tmp`: everybody may put something there, and nobody may take away what is another's. */
function plantLink(directory: string): { readonly path: string } | string {
  if (process.getuid?.() !== 0) return "only root can give a link to another user";
  const shared = join(directory, "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  writeFileSync(join(directory, "victim"), "{}\n");
  const path = join(shared, "data");
  symlinkSync(join(directory, "victim"), path);
  lchownSync(path, 1234, 1234);
  return { path };
}

/** As if a transact that appends to the file had been interrupted once it was committed. */
function plantTransact(directory: string): { readonly path: string } | string {
  if (process.getuid?.() !== 0) return "only root can give files to another user";
  const shared = join(directory, "shared");
  mkdirSync(shared);
  chmodSync(shared, 0o1777);
  const path = join(shared, "data");
  const [content, lines] = ["{}\n", '{"planted":1}\n'];
  writeFileSync(path, content);
  const names = [`.data.${"a".repeat(32)}.staged`, `.${"b".repeat(32)}.intent`, ".data.intent"] as const;
  const [staged, record, link] = names;
  const line = JSON.stringify({
    format: "flockwork intent 1",
    durability: "os",
    members: [
      {
        file: "data",
        locks: ["data.lock"],
        stagedName: staged,
        stagedHash: hash("sha256", lines),
        stagedBytes: lines.length,
        layout: "sidecar",
        backend: "flock",
        change: { kind: "log", offset: content.length, preceding: hash("sha256", content) },
      },
    ],
  });
  writeFileSync(join(shared, staged), lines);
  writeFileSync(join(shared, record), `${line}\n${hash("sha256", line)}\n`);
  symlinkSync(record, join(shared, link));
  for (const name of names) lchownSync(join(shared, name), 1234, 1234);
  return { path };
}

const misuse = (name: string, path: unknown): HostilePath => ({
  name,
  prepare: () => ({ path }),
  concerns: everyCall,
});

export const hostilePaths: readonly HostilePath[] = [
  onLock("a directory", (lock) => mkdirSync(lock)),
  onLock("a FIFO", makeFifo),
  onLock("a link to a file", (lock, directory) => {
    writeFileSync(join(directory, "victim"), "must stay");
    symlinkSync(join(directory, "victim"), lock);
    return undefined;
  }),
  onLock("a link to nothing", (lock, directory) => symlinkSync(join(directory, "made"), lock)),
  onLock("a file of another user", giveAway),
  onData(
    "the data path is a directory",
    (path) => mkdirSync(path),
    ({ kind }) => kind !== "lock",
  ),
  onData("the data path is a FIFO", makeFifo, ({ kind }) => kind !== "lock"),
  onData("the data path is a socket", makeSocket, ({ kind }) => kind !== "lock"),
  onData(
    "the data has two hard links",
    (path, directory) => {
      writeFileSync(path, "{}\n");
      linkSync(path, join(directory, "other"));
      return undefined;
    },
    lockers,
  ),
  onData("the data path is a loop of links", (path) => symlinkSync("data", path)),
  onData(
    "the data path leads to an endless device",
    (path) => symlinkSync("/dev/zero", path),
    ({ kind, locks }) => kind !== "lock" && !locks,
  ),
  {
    name: "the data path is a link that another user planted in a directory for all",
    prepare: plantLink,
    concerns: ({ name }) => name !== "JsonlLog.read", // the system follows it there, by its own rules
  },
  {
    name: "another user planted an interrupted transact of the data in a directory for all",
    prepare: plantTransact,
    concerns: ({ locks, kind }) => locks && kind !== "lock",
  },
  {
    name: "the directory is missing",
    prepare: (directory) => ({ path: join(directory, "missing", "data") }),
    concerns: saysWhatIsMissing,
  },
  {
    name: "the directory is a file",
    prepare(directory) {
      writeFileSync(join(directory, "file"), "");
      return { path: join(directory, "file", "data") };
    },
    concerns: ({ name }) => name !== "readText",
  },
  {
    name: "the name is too long",
    prepare: (directory) => ({ path: join(directory, "n".repeat(300)) }),
    concerns: everyCall,
  },
  misuse("the path is empty", ""),
  misuse("the path contains NUL", "/tmp/a\0b"),
  misuse("the path is an array", ["/tmp/a"]),
  misuse("the path is an object with toString", { toString: () => "/tmp/a" }),
];
