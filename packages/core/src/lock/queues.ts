/** The local queue of each lock this process uses, and the way from a data file to its legs. */
import { dirname } from "node:path";
import { StoreError, UnsafePathError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files } from "../platform/file-system.ts";
import { isMountPoint } from "../platform/mount-points.ts";
import { delistQueue, enlistQueue } from "./held-locks.ts";
import { KernelLock } from "./kernel-lock.ts";
import { LeaseLock } from "./lease-lock.ts";
import type { FlockLegPlan, LockLayout, LockPlan } from "./lock-layout.ts";
import { LockFailedError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";
import type { BackendName, ResolvedLockOptions } from "./lock-options.ts";
import { LocalQueue } from "./local-queue.ts";
import { refuseNetwork } from "./open-lock-file.ts";
import { resolveTarget } from "./resolve-target.ts";

/** Where the lock of a data file is. */
export interface LockLocation {
  /** The path was its own target: nothing on the way to it can be pointed elsewhere without being noticed. */
  readonly canonical: boolean;
  readonly targetPath: string;
  readonly plan: LockPlan;
  /** The lock's directory is the data's: they lie on one file system. */
  readonly besideData: boolean;
}

const queues = new Map<string, LocalQueue>();
const queueLimit = 1024;
/** Only for spellings that are canonical already: a link could be pointed elsewhere at any time. */
const locations = new WeakMap<LockLayout, Map<string, LockLocation>>();
const locationLimit = 4096;
/** Targets that were seen not to be a mount of a single file: reading the system's list at every lock would cost more than the lock. */
const unmounted = new Set<string>();

export function locate(path: string, layout: LockLayout): LockLocation {
  let known = locations.get(layout);
  const cached = known?.get(path);
  if (cached !== undefined) return cached;
  const targetPath = resolveTarget(path);
  refuseMountedFile(path, targetPath);
  const canonical = targetPath === path;
  const plan = checkPlan(layout, targetPath);
  const besideData = dirname(plan.legs[0].path) === dirname(targetPath);
  const location: LockLocation = { canonical, targetPath, plan, besideData };
  if (canonical && layout.dynamic !== true) {
    if (known === undefined) locations.set(layout, (known = new Map()));
    if (known.size >= locationLimit) known.clear();
    known.set(path, location);
  }
  return location;
}

/**
 * Data on a network file system is refused wherever its lock lies: programs on other machines reach it. Where the lock lies
 * beside the data, opening the lock asks. Asked each time: one may be mounted over a directory in use.
 *
 * @throws {LockUnsupportedError | LockFailedError} as {@link refuseNetwork}.
 */
export function requireLocalData(location: LockLocation, options: ResolvedLockOptions): void {
  if (location.besideData || options.backend !== "flock" || options.allowNetworkFileSystem) return;
  refuseNetwork(location.targetPath);
}

/**
 * @throws {UnsafePathError} for a file mounted by itself: whoever names it elsewhere has another lock, and it cannot be replaced.
 * @throws {LockFailedError} when the system's list of mounts cannot be read.
 */
function refuseMountedFile(path: string, targetPath: string): void {
  if (unmounted.has(targetPath)) return;
  let mounted: boolean;
  try {
    mounted = isMountPoint(targetPath) && files.statSync(targetPath)?.isDirectory() === false;
  } catch (cause) {
    throw new LockFailedError(path, "look for a mount on", cause);
  }
  if (mounted) {
    throw new UnsafePathError(
      path,
      "it is mounted by itself (a bind mount of a single file). It would have a lock of its own here, and cannot be replaced; " +
        "mount its directory instead.",
    );
  }
  if (unmounted.size >= locationLimit) unmounted.clear();
  unmounted.add(targetPath);
}

/** @throws {LockFailedError} when the layout must look at the disk, and cannot. */
function planOf(layout: LockLayout, targetPath: string): LockPlan | null | undefined {
  try {
    return layout.locate(targetPath);
  } catch (cause) {
    throw osCodeOf(cause) === undefined || cause instanceof StoreError
      ? cause
      : new LockFailedError(targetPath, "find the lock of", cause);
  }
}

/** @throws {TypeError} when a layout of the caller's own answers with no usable plan. */
function checkPlan(layout: LockLayout, targetPath: string): LockPlan {
  const plan = planOf(layout, targetPath);
  const wrong = (why: string): TypeError => new TypeError(`The layout ${JSON.stringify(layout.name)} ${why}`);
  if (!Array.isArray(plan?.legs) || plan.legs[0]?.kind !== "flock") {
    throw wrong("must answer locate() with legs of which the first is a flock leg");
  }
  const seen = new Set([targetPath]);
  for (const { path } of plan.legs) {
    // Replacing the data file puts another inode in the place of the one that is locked.
    if (path === targetPath)
      throw wrong(`puts a lock on the data file itself, ${targetPath}, which is replaced by each write`);
    if (seen.has(path)) throw wrong(`names ${path} for two legs`);
    seen.add(path);
  }
  return plan;
}

/** Forgets where a file's lock is, because the file turned out to be elsewhere. */
export function forgetLocation(path: string, layout: LockLayout): void {
  locations.get(layout)?.delete(path);
}

/** What this process knows of a lock it uses, under whichever options. */
export function heldHere(lockPath: string): {
  readonly mode: LockMode | undefined;
  readonly waiting: number;
  readonly heldForMs: number | undefined;
} {
  let found: LocalQueue | undefined;
  let waiting = 0;
  for (const queue of queues.values()) {
    if (queue.primitive.lockPath !== lockPath) continue;
    waiting += queue.waiting;
    if (queue.held) found = queue;
  }
  return { mode: found?.heldMode, waiting, heldForMs: found?.heldForMs };
}

export function queueFor(leg: FlockLegPlan, options: ResolvedLockOptions): LocalQueue {
  const key = keyOf(leg, options);
  let queue = queues.get(key);
  if (queue === undefined) {
    if (queues.size >= queueLimit) forgetIdleQueues();
    queue = new LocalQueue(createPrimitive(options.backend, leg, options));
    queues.set(key, queue);
    enlistQueue(leg.path, queue);
  }
  return queue;
}

/** Everything that makes one primitive unlike another; the path alone in the common case. */
function keyOf(
  leg: FlockLegPlan,
  { backend, allowForeignOwner, allowNetworkFileSystem }: ResolvedLockOptions,
): string {
  const plain = leg.contents === undefined && leg.fcntl !== true;
  if (plain && backend === "flock" && !allowForeignOwner && !allowNetworkFileSystem) return leg.path;
  return `${leg.path}\0${backend} ${allowForeignOwner} ${allowNetworkFileSystem} ${leg.contents} ${leg.fcntl === true}`;
}

function createPrimitive(
  backend: BackendName,
  leg: FlockLegPlan,
  options: ResolvedLockOptions,
): KernelLock | LeaseLock {
  return backend === "flock" ? new KernelLock(leg, options) : new LeaseLock(leg.path);
}

function forgetIdleQueues(): void {
  for (const [key, queue] of queues) {
    if (!queue.idle) continue;
    queue.primitive.close();
    queues.delete(key);
    delistQueue(queue.primitive.lockPath, queue);
  }
}
