/**
 * One lock around one piece of work, by each package that can. Every way is used as its documentation says, with the
 * shortest wait between tries that it allows where it polls, and keeps its descriptor where it works on one.
 */
import { openSync, writeFileSync } from "node:fs";
import { withReadLock, withWriteLock, withWriteLockSync } from "@flockwork/core";
import { loadBinding } from "@flockwork/flock";
import { loadPeer } from "../measure/peers.ts";
import type { ProperLockfile } from "./proper-lockfile.ts";

/** Runs the work while it holds the lock that belongs to the file: exclusive, but for those that {@link isShared} knows. */
export type LockWay = (file: string, work: () => void) => Promise<void> | void;

type Done = (error: Error | null) => void;

interface LockFile {
  readonly lock: (path: string, options: object, done: (error?: Error | null) => void) => void;
  readonly unlock: (path: string, done: (error?: Error | null) => void) => void;
}

interface CrossProcessLock {
  readonly lock: (file: string, options: object) => Promise<() => Promise<void>>;
}

interface OsLock {
  readonly lock: (fd: number, options: { exclusive: boolean; immediate?: boolean }) => Promise<void>;
  readonly unlock: (fd: number) => Promise<void>;
}

interface NativeExtensions {
  readonly tryLock: (fd: number, options: { shared: boolean }) => boolean;
  readonly waitForLock: (fd: number, options: { shared: boolean }) => Promise<void>;
  readonly unlock: (fd: number) => void;
}

interface FsExt {
  readonly flock: (fd: number, flags: "ex" | "sh", done: Done) => void;
  readonly flockSync: (fd: number, flags: "un") => void;
}

const descriptors = new Map<string, number>();

/** One for each file, for as long as the process lives. */
function descriptorOf(file: string): number {
  const known = descriptors.get(file);
  if (known !== undefined) return known;
  const fd = openSync(`${file}.lock`, "a+");
  descriptors.set(file, fd);
  return fd;
}

const promised = (call: (done: (error?: Error | null) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));

/** @param retryMs - 100 doubles from one try to the next, as its users do. */
function properLockfileWay(retryMs: number): LockWay {
  const { lock } = loadPeer("proper-lockfile") as ProperLockfile;
  const retries = { forever: true, minTimeout: retryMs, factor: retryMs === 100 ? 2 : 1 } as const;
  return async (file, work) => {
    const release = await lock(file, { realpath: false, retries });
    work();
    await release();
  };
}

function lockfileWay(): LockWay {
  const lockfile = loadPeer("lockfile") as LockFile;
  return async (file, work) => {
    const path = `${file}.lockfile`;
    await promised((done) => lockfile.lock(path, { wait: 600_000, pollPeriod: 1 }, done));
    work();
    await promised((done) => lockfile.unlock(path, done));
  };
}

function crossProcessLockWay(): LockWay {
  const { lock } = loadPeer("cross-process-lock") as CrossProcessLock;
  return async (file, work) => {
    const unlock = await lock(file, { waitTimeout: 600_000 });
    work();
    await unlock();
  };
}

function osLockWay(exclusive: boolean): LockWay {
  const { lock, unlock } = loadPeer("os-lock") as OsLock;
  return async (file, work) => {
    const fd = descriptorOf(file);
    await lock(fd, { exclusive });
    work();
    await unlock(fd);
  };
}

function nativeExtensionsWay(shared: boolean): LockWay {
  const { tryLock, waitForLock, unlock } = loadPeer("fs-native-extensions") as NativeExtensions;
  return async (file, work) => {
    const fd = descriptorOf(file);
    if (!tryLock(fd, { shared })) await waitForLock(fd, { shared });
    work();
    unlock(fd);
  };
}

function fsExtWay(flags: "ex" | "sh"): LockWay {
  const { flock, flockSync } = loadPeer("fs-ext") as FsExt;
  return async (file, work) => {
    const fd = descriptorOf(file);
    await promised((done) => flock(fd, flags, done));
    work();
    flockSync(fd, "un");
  };
}

/** The least that a Node process can do: tries once, waits on the addon's thread, checks nothing, is fair to nobody. */
function addonWay(): LockWay {
  const addon = loadBinding({ binding: "addon" });
  return async (file, work) => {
    const fd = descriptorOf(file);
    if (!addon.tryLock(fd, "exclusive")) await addon.wait(fd, "exclusive").granted;
    work();
    addon.unlock(fd);
  };
}

const ways: Readonly<Record<string, () => LockWay>> = {
  ours: () => (file, work) => withWriteLock(file, work, { timeoutMs: Infinity }),
  "ours, sync": () => (file, work) => withWriteLockSync(file, work, { timeoutMs: Infinity }),
  "ours, read": () => (file, work) => withReadLock(file, work, { timeoutMs: Infinity }),
  addon: addonWay,
  "proper-lockfile, 1 ms": () => properLockfileWay(1),
  "proper-lockfile, 10 ms": () => properLockfileWay(10),
  "proper-lockfile, 100 ms": () => properLockfileWay(100),
  "lockfile, 1 ms": lockfileWay,
  "cross-process-lock": crossProcessLockWay,
  "os-lock": () => osLockWay(true),
  "os-lock, read": () => osLockWay(false),
  "fs-native-extensions": () => nativeExtensionsWay(false),
  "fs-native-extensions, read": () => nativeExtensionsWay(true),
  "fs-ext": () => fsExtWay("ex"),
  "fs-ext, read": () => fsExtWay("sh"),
};

/** Whether others may hold the lock at the same time. */
export const isShared = (name: string): boolean => name.endsWith(", read");

export function openLockWay(name: string): LockWay {
  const open = ways[name];
  if (open === undefined) throw new RangeError(`no way to lock is called ${name}`);
  return open();
}

/** What the file needs before it is locked: some peers want it to exist. */
export function prepareFile(file: string): void {
  writeFileSync(file, Buffer.alloc(8));
}
