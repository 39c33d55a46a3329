/** Paths that must not be used: special files, links, foreign owners, missing directories (P10, P11). */
import { hash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { findCommand, runCommand } from "../harness/commands.ts";
import { uidOfNobody } from "../harness/nobody.ts";
import type { PublicCall } from "./public-calls.ts";

/** Where a case is: the directory that holds the data, and the one around it, which the call has nothing to do with. */
export interface Surroundings {
  readonly place: string;
  readonly outside: string;
}

/** The path to use, and what was planted for it. Or why it cannot be made here. */
type Prepared = { readonly path: unknown; readonly planted?: string | undefined } | string;

export interface HostilePath {
  readonly name: string;
  prepare(surroundings: Surroundings): Prepared | Promise<Prepared>;
  /** The calls it is put before. */
  concerns(call: PublicCall): boolean;
  /** Where it is put. Default: in a directory of one's own. */
  readonly directories?: readonly PlaceKind[];
  /** It may be used as it is: what lies outside must stay. */
  readonly harmless?: true;
}

/** Puts itself at a path. Returns why it cannot be made here, if so. */
export type Make = (path: string, outside: string) => unknown;

/**
 * A directory of one's own, or one like `/tmp`: everybody may put something there, and nobody may take away what is another's.
 * Root may do what others may not; so once more the data, and whoever uses it, are an ordinary user's.
 */
export type PlaceKind = "own" | "for all" | typeof byOrdinary;
const byOrdinary = "for all, by an ordinary user";
export const placeKinds: readonly PlaceKind[] = ["own", "for all", byOrdinary];
const forAll = placeKinds.filter((kind) => kind !== "own");

/** Each call can start from it: a document, leases, a log of one line. */
export const usableContent = '{"leases":{}}\n';

/** The user who plants things in directories for all. */
const stranger = 1234;

/** @returns why it cannot be had here, if so. */
export function refusalOf(kind: PlaceKind): string | undefined {
  if (kind === "own") return undefined;
  if (process.getuid?.() !== 0) return "only root can plant what is another user's";
  return kind === byOrdinary && typeof ordinary() === "string" ? String(ordinary()) : undefined;
}

let known: number | string | undefined;
const ordinary = (): number | string => (known ??= uidOfNobody());

/** Makes of a directory one of that kind. */
export function openTo(kind: PlaceKind, directory: string): void {
  if (kind !== "own") chmodSync(directory, 0o1777);
}

/** Gives what is root's in a place of that kind to whoever uses it, who may come there. */
export function handOver(kind: PlaceKind, place: string): void {
  const uid = ordinary();
  if (kind !== byOrdinary || typeof uid !== "number") return;
  chmodSync(dirname(place), 0o711);
  for (const name of readdirSync(place, { recursive: true, encoding: "utf8" }))
    if (lstatSync(join(place, name)).uid === 0) lchownSync(join(place, name), uid, uid);
}

/** Makes a call as whoever uses places of that kind. */
export async function asItsUser(kind: PlaceKind, run: () => unknown): Promise<unknown> {
  const uid = ordinary();
  if (kind !== byOrdinary || typeof uid !== "number") return await run();
  process.setegid?.(uid);
  process.seteuid?.(uid);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}

/** Gives what was planted to the stranger, but for a second name of a file that is not theirs. */
export function giveToStranger(planted: string, kind: PlaceKind): void {
  if (kind === "own") return;
  const stats = lstatSync(planted);
  if (stats.isDirectory() || stats.nlink === 1) lchownSync(planted, stranger, stranger);
}

const everyCall = (): boolean => true;
/** A log that is not there is empty, and there is no text in it. */
const saysWhatIsMissing = ({ name, makesDirectories }: PublicCall): boolean =>
  name !== "JsonlLog.read" && name !== "readText" && makesDirectories !== true;
const lockers = ({ locks }: PublicCall): boolean => locks;

type Rest = Pick<HostilePath, "concerns" | "harmless" | "directories">;

/** Something at the path of the data. */
const onData = (
  name: string,
  make: Make,
  concerns: (call: PublicCall) => boolean = everyCall,
  directories: readonly PlaceKind[] = placeKinds,
): HostilePath => ({
  name,
  directories,
  concerns,
  async prepare({ place, outside }) {
    const path = join(place, "data");
    const made = await make(path, outside);
    return typeof made === "string" ? made : { path, planted: path };
  },
});

/** Something beside the data. */
const beside = (name: string, besideName: string, make: Make, rest: Rest): HostilePath => ({
  name,
  directories: placeKinds,
  ...rest,
  async prepare({ place, outside }) {
    const path = join(place, "data");
    const planted = join(place, besideName);
    writeFileSync(path, usableContent);
    const made = await make(planted, outside);
    return typeof made === "string" ? made : { path, planted };
  },
});

const onLock = (name: string, make: Make, rest: Pick<HostilePath, "harmless"> = {}): HostilePath =>
  beside(`the lock path is ${name}`, "data.lock", make, { concerns: lockers, ...rest });

/** Somebody left it behind: it is swept, or stays, and is neither followed nor opened. */
const onStaged = (name: string, make: Make): HostilePath =>
  beside(`a staged file of the data is ${name}`, `.data.${"a".repeat(32)}.staged`, make, {
    concerns: ({ changes }) => changes,
    harmless: true,
  });

export function makeFifo(path: string): string | undefined {
  if (findCommand("mkfifo") === undefined) return "mkfifo is not installed";
  return runCommand("mkfifo", [path]);
}

/** The endless one, so that whoever reads it is seen. */
export function makeDevice(path: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root can make a device";
  if (findCommand("mknod") === undefined) return "mknod is not installed";
  return runCommand("mknod", [path, "c", "1", "5"]);
}

/** Made at a path that is short enough for one, and moved: it stays when nobody listens any more. */
export async function makeSocket(path: string, outside: string): Promise<void> {
  const short = join(outside, "s");
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(short, resolve);
  });
  renameSync(short, path);
  await new Promise((resolve) => server.close(resolve));
}

export const linkToVictim: Make = (path, outside) => symlinkSync(join(outside, "victim"), path);
export const linkToNothing: Make = (path, outside) => symlinkSync(join(outside, "made"), path);
export const hardLinkToVictim: Make = (path, outside) => linkSync(join(outside, "victim"), path);

export function giveAway(path: string): string | undefined {
  if (process.getuid?.() !== 0) return "only root can give a file to another user";
  writeFileSync(path, "", { mode: 0o666 });
  chownSync(path, stranger, stranger);
  return undefined;
}

/** As if a transact that appends to the file had been interrupted once it was committed. */
function plantTransact({ place }: Surroundings): Prepared {
  const path = join(place, "data");
  const [content, lines] = [usableContent, '{"planted":1}\n'];
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
  writeFileSync(join(place, staged), lines);
  writeFileSync(join(place, record), `${line}\n${hash("sha256", line)}\n`);
  symlinkSync(record, join(place, link));
  for (const name of names) lchownSync(join(place, name), stranger, stranger);
  return { path };
}

/** To have locks elsewhere removed, and their directory closed. */
function plantLockDirectory({ place, outside }: Surroundings): Prepared {
  const path = join(place, "data");
  const planted = join(place, ".gastown");
  writeFileSync(path, usableContent);
  mkdirSync(join(outside, "locks"), { mode: 0o700 });
  writeFileSync(join(outside, "locks", "other.lock"), "");
  symlinkSync(outside, planted);
  return { path, planted };
}

const misuse = (name: string, path: unknown): HostilePath => ({
  name,
  prepare: () => ({ path }),
  concerns: everyCall,
});

export const hostilePaths: readonly HostilePath[] = [
  onLock("a directory", (lock) => mkdirSync(lock)),
  onLock("a FIFO", makeFifo),
  onLock("a device", makeDevice),
  onLock("a socket", makeSocket),
  onLock("a link to a file", linkToVictim),
  onLock("a link to nothing", linkToNothing),
  onLock("a file of another user", giveAway),
  onLock("another name of a file", hardLinkToVictim, { harmless: true }), // used as it is: see SECURITY.md
  onData(
    "the data path is a directory",
    (path) => mkdirSync(path),
    ({ kind }) => kind !== "lock",
  ),
  onData("the data path is a FIFO", makeFifo, ({ kind }) => kind !== "lock"),
  onData("the data path is a device", makeDevice, ({ kind }) => kind !== "lock"),
  onData("the data path is a socket", makeSocket, ({ kind }) => kind !== "lock"),
  onData(
    "the data has two hard links",
    (path, outside) => {
      writeFileSync(path, usableContent);
      linkSync(path, join(outside, "other"));
    },
    lockers,
  ),
  onData("the data path is a loop of links", (path) => symlinkSync("data", path)),
  onData(
    "the data path leads to an endless device",
    (path) => symlinkSync("/dev/zero", path),
    ({ kind, locks }) => kind !== "lock" && !locks,
  ),
  onData(
    "the data path is a link that another user planted",
    (path, outside) => {
      writeFileSync(join(outside, "victim"), usableContent);
      return linkToVictim(path, outside);
    },
    ({ name }) => name !== "JsonlLog.read", // the system follows it there, by its own rules
    forAll,
  ),
  onStaged("a directory", (left) => mkdirSync(left)),
  onStaged("a FIFO", makeFifo),
  onStaged("a device", makeDevice),
  onStaged("a link to a file", linkToVictim),
  onStaged("another name of a file", hardLinkToVictim),
  {
    name: "another user planted an interrupted transact of the data",
    directories: forAll,
    prepare: plantTransact,
    concerns: ({ locks, kind }) => locks && kind !== "lock",
  },
  {
    name: "the directory of its locks is a link that another user planted",
    directories: forAll,
    prepare: plantLockDirectory,
    concerns: ({ name }) => /^(?:pinLockDirectory|cleanStaleLocks|listLocks)/.test(name),
  },
  {
    name: "the directory is missing",
    prepare: ({ place }) => ({ path: join(place, "missing", "data") }),
    concerns: saysWhatIsMissing,
  },
  {
    name: "the directory is a file",
    prepare({ place }) {
      writeFileSync(join(place, "file"), "");
      return { path: join(place, "file", "data") };
    },
    concerns: ({ name }) => name !== "readText",
  },
  {
    name: "the name is too long",
    prepare: ({ place }) => ({ path: join(place, "n".repeat(300)) }),
    concerns: everyCall,
  },
  misuse("the path is empty", ""),
  misuse("the path contains NUL", "/tmp/a\0b"),
  misuse("the path is an array", ["/tmp/a"]),
  misuse("the path is an object with toString", { toString: () => "/tmp/a" }),
];
