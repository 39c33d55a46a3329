/** The local queue of each lock this process uses, and the way from a data file to its legs. */
import { isAbsolute } from "node:path";
import { delistQueue, enlistQueue } from "./held-locks.ts";
import { KernelLock } from "./kernel-lock.ts";
import { LeaseLock } from "./lease-lock.ts";
import type { FlockLegPlan, LockLayout, LockPlan } from "./lock-layout.ts";
import type { LockMode } from "./lock-mode.ts";
import type { BackendName, ResolvedLockOptions } from "./lock-options.ts";
import { LocalQueue } from "./local-queue.ts";
import { resolveTarget } from "./resolve-target.ts";

/** Where the lock of a data file is. */
export interface LockLocation {
  readonly targetPath: string;
  readonly plan: LockPlan;
}

const queues = new Map<string, LocalQueue>();
const queueLimit = 1024;
/** Only for spellings that are canonical already: a link could be pointed elsewhere at any time. */
const locations = new WeakMap<LockLayout, Map<string, LockLocation>>();
const locationLimit = 4096;

export function locate(path: string, layout: LockLayout): LockLocation {
  let known = locations.get(layout);
  const cached = known?.get(path);
  if (cached !== undefined) return cached;
  const targetPath = resolveTarget(path);
  const location: LockLocation = { targetPath, plan: layout.locate(targetPath) };
  if (targetPath === path && isAbsolute(path) && layout.dynamic !== true) {
    if (known === undefined) locations.set(layout, (known = new Map()));
    if (known.size >= locationLimit) known.clear();
    known.set(path, location);
  }
  return location;
}

/** Forgets where a file's lock is, because the file turned out to be elsewhere. */
export function forgetLocation(path: string, layout: LockLayout): void {
  locations.get(layout)?.delete(path);
}

/** What this process knows of a lock it uses. */
export function heldHere(
  lockPath: string,
):
  | { readonly mode: LockMode | undefined; readonly waiting: number; readonly heldForMs: number | undefined }
  | undefined {
  const queue = queues.get(lockPath);
  if (queue === undefined) return undefined;
  return { mode: queue.heldMode, waiting: queue.waiting, heldForMs: queue.heldForMs };
}

export function queueFor(leg: FlockLegPlan, options: ResolvedLockOptions): LocalQueue {
  const key = keyOf(leg.path, options);
  let queue = queues.get(key);
  if (queue === undefined) {
    if (queues.size >= queueLimit) forgetIdleQueues();
    queue = new LocalQueue(createPrimitive(options.backend, leg, options));
    queues.set(key, queue);
    enlistQueue(leg.path, queue);
  }
  return queue;
}

function keyOf(
  lockPath: string,
  { backend, allowForeignOwner, allowNetworkFileSystem }: ResolvedLockOptions,
): string {
  if (backend === "flock" && !allowForeignOwner && !allowNetworkFileSystem) return lockPath;
  return `${lockPath}\0${backend} ${allowForeignOwner} ${allowNetworkFileSystem}`;
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
