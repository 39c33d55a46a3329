/**
 * What this flow of calls holds, and in which order locks were taken, so that a nested acquisition that could never
 * succeed fails at once, with a name, instead of after thirty seconds.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { LockOrderError, LockReentryError } from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";

/** One lock held around a callback; the chain of parents is what surrounds it. */
export interface HeldFrame {
  readonly lockPath: string;
  readonly path: string;
  readonly mode: LockMode;
  readonly parent: HeldFrame | undefined;
  active: boolean;
}

const frames = new AsyncLocalStorage<HeldFrame | undefined>();
/** lock path → locks seen acquired while it was held. */
const orders = new Map<string, Set<string>>();
const orderLimit = 4096;

/**
 * The lock around a synchronous section, while that runs: nothing else can, so it needs no asynchronous context. What the section
 * starts and leaves behind runs after its release, in the context that surrounds it.
 */
let synchronous: HeldFrame | undefined;

/** The innermost lock still held around the running code. */
export function currentFrame(): HeldFrame | undefined {
  let frame = synchronous ?? frames.getStore();
  while (frame !== undefined && !frame.active) frame = frame.parent;
  return frame;
}

/** Runs `work` as the code that a lock surrounds. */
export function runInside<T>(frame: HeldFrame, work: () => T): T {
  const around = synchronous;
  if (around === undefined) return frames.run(frame, work);
  synchronous = undefined; // the frame is further inside
  try {
    return frames.run(frame, work);
  } finally {
    synchronous = around;
  }
}

/** The same for work that is over when it returns. */
export function runInsideSync<T>(frame: HeldFrame, work: () => T): T {
  const around = synchronous;
  synchronous = frame;
  try {
    return work();
  } finally {
    synchronous = around;
  }
}

/** No lock: work done on behalf of nobody in particular must not inherit the locks of the caller that happened to start it. */
const outside: HeldFrame = { lockPath: "", path: "", mode: "exclusive", parent: undefined, active: false };

/** Runs `work` as code that no lock surrounds. */
export function runOutside<T>(work: () => T): T {
  return runInside(outside, work);
}

/**
 * Refuses an acquisition that waits for its own flow of calls, or that inverts an order seen before.
 *
 * @throws {LockReentryError} `ERR_LOCK_REENTRY`
 * @throws {LockOrderError} `ERR_LOCK_ORDER`
 */
export function checkNesting(
  lockPath: string,
  path: string,
  innermost: HeldFrame | undefined = currentFrame(),
): void {
  if (innermost === undefined) return;
  const surrounding: HeldFrame[] = [];
  for (let frame: HeldFrame | undefined = innermost; frame !== undefined; frame = frame.parent) {
    if (!frame.active) continue;
    if (frame.lockPath === lockPath) {
      throw new LockReentryError(
        path,
        frame.mode,
        "this code runs inside it, so waiting for it would never end. Pass the held lock down instead of acquiring it again.",
      );
    }
    surrounding.push(frame);
  }
  for (const frame of surrounding)
    if (leadsTo(lockPath, frame.lockPath)) throw new LockOrderError(path, frame.path);
}

/**
 * Remembers that a lock was asked for by code that others surround: asked for, not granted, because of two flows that
 * deadlock neither is ever granted its second lock.
 */
export function rememberOrder(lockPath: string, innermost: HeldFrame | undefined = currentFrame()): void {
  for (let around = innermost; around !== undefined; around = around.parent) {
    if (around.active) remember(around.lockPath, lockPath);
  }
}

function remember(held: string, acquired: string): void {
  let after = orders.get(held);
  if (after === undefined) {
    if (orders.size >= orderLimit) orders.clear(); // a bounded memory only delays the discovery of an inversion
    orders.set(held, (after = new Set()));
  }
  if (after.size < orderLimit) after.add(acquired);
}

/** Whether some chain of recorded acquisitions goes from one lock to the other. */
function leadsTo(from: string, to: string): boolean {
  const seen = new Set<string>();
  const pending = [from];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (at === to) return true;
    if (seen.has(at)) continue;
    seen.add(at);
    pending.push(...(orders.get(at) ?? []));
  }
  return false;
}

/** A lock that some copy of this package, in this thread, may hold. */
interface HoldingQueue {
  readonly held: boolean;
}

/** Every queue of this thread by lock path, over all copies of this package: what a synchronous wait must never wait for. */
const queuesOfThread: Map<string, Set<HoldingQueue>> = ((globalThis as Record<symbol, unknown>)[
  Symbol.for("@flockwork/core.queues")
] ??= new Map()) as Map<string, Set<HoldingQueue>>;

export function enlistQueue(lockPath: string, queue: HoldingQueue): void {
  const known = queuesOfThread.get(lockPath);
  if (known === undefined) queuesOfThread.set(lockPath, new Set([queue]));
  else known.add(queue);
}

export function delistQueue(lockPath: string, queue: HoldingQueue): void {
  const known = queuesOfThread.get(lockPath);
  known?.delete(queue);
  if (known?.size === 0) queuesOfThread.delete(lockPath);
}

/** Whether anything in this thread holds the lock, in whichever copy of this package. */
export function isHeldByThread(lockPath: string): boolean {
  for (const queue of queuesOfThread.get(lockPath) ?? []) if (queue.held) return true;
  return false;
}
