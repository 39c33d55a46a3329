/** Taking the legs of a lock: in order, all or none, at once or by waiting. */
import type { LockRequest } from "./acquire-lock.ts";
import { files } from "../platform/file-system.ts";
import { noteTimeout } from "./adaptive-timeout.ts";
import { monotonicMs } from "./clock.ts";
import { ExistenceLeg } from "./existence-leg.ts";
import { describeHolder } from "./found-lock.ts";
import { releaseLegs, type HeldLeg } from "./file-lock.ts";
import { isHeldByThread } from "./held-locks.ts";
import { LockReentryError, LockTimeoutError } from "./lock-errors.ts";
import { holdersOf } from "./lock-holder.ts";
import type { FlockLegPlan, LegPlan } from "./lock-layout.ts";
import { recordFailure } from "./lock-metrics.ts";
import type { LocalQueue } from "./local-queue.ts";
import type { LockMode } from "./lock-mode.ts";
import type { ResolvedLockOptions } from "./lock-options.ts";
import { queueFor, type LockLocation } from "./queues.ts";
import { sleepSync } from "./sleep-sync.ts";
import { Waiter, type WaitOutcome } from "./waiter-list.ts";

type Legs = readonly HeldLeg[];

/** Pauses between looks at a neighbour's lock that no kernel queue exists for. */
const maxExistencePauseMs = 50;

export function takeLegsNow(
  location: LockLocation,
  mode: LockMode,
  options: ResolvedLockOptions,
  blocking: boolean,
): Legs | "busy" | "moved" {
  return takeInOrder(location, mode, (plan, modeOfLeg, taken) =>
    plan.kind === "flock"
      ? takeFlockNow(plan, modeOfLeg, location.targetPath, options, taken)
      : takeExistence(plan, taken, blocking)
        ? "granted"
        : "busy",
  );
}

export function takeLegsSync(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
): Legs | "moved" {
  return takeInOrder(location, request.mode, (plan, mode, taken) =>
    takeLegSync(plan, mode, request, location, startedAt, taken),
  );
}

/** All legs or none: what `take` answers for the first that is not granted, after the earlier ones were given back. */
function takeInOrder<Other extends string>(
  location: LockLocation,
  mode: LockMode,
  take: (plan: LegPlan, mode: LockMode, taken: HeldLeg[]) => "granted" | Other,
): Legs | Other {
  const taken: HeldLeg[] = [];
  const modeOfLegs = legMode(location, mode);
  try {
    for (const plan of location.plan.legs) {
      const outcome = take(plan, modeOfLegs, taken);
      if (outcome === "granted") continue;
      releaseLegs(taken.splice(0));
      return outcome;
    }
    return taken;
  } catch (error) {
    releaseLegs(taken);
    throw error;
  }
}

/** {@link takeInOrder}, waiting for each. */
export async function takeLegs(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
): Promise<Legs | "moved"> {
  const taken: HeldLeg[] = [];
  const mode = legMode(location, request.mode);
  try {
    for (const plan of location.plan.legs) {
      const outcome = await takeLeg(plan, mode, request, location, startedAt, taken);
      if (outcome === "granted") continue;
      releaseLegs(taken.splice(0));
      return outcome;
    }
    return taken;
  } catch (error) {
    releaseLegs(taken);
    throw error;
  }
}

/** A lock that consists in being there cannot be shared, so all of its legs are taken exclusively. */
function legMode({ plan }: LockLocation, mode: LockMode): LockMode {
  return plan.legs.some(({ kind }) => kind !== "flock") ? "exclusive" : mode;
}

function takeFlockNow(
  plan: FlockLegPlan,
  mode: LockMode,
  dataPath: string,
  options: ResolvedLockOptions,
  taken: HeldLeg[],
): "granted" | "busy" | "moved" {
  const queue = queueFor(plan, options);
  const outcome = queue.tryEnter(mode, dataPath, options.timeoutMs !== 0);
  if (outcome === "granted") taken.push({ queue, mode });
  return outcome;
}

async function takeLeg(
  plan: LegPlan,
  mode: LockMode,
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
  taken: HeldLeg[],
): Promise<"granted" | "moved"> {
  const { options, timeoutMs } = request;
  if (plan.kind !== "flock") {
    for (
      let pauseMs = 1;
      !takeExistence(plan, taken, false);
      pauseMs = Math.min(pauseMs * 2, maxExistencePauseMs)
    ) {
      const leftMs = startedAt + timeoutMs - monotonicMs();
      if (leftMs <= 0) throw timedOut(request, location, startedAt, plan);
      await pause(Math.min(pauseMs, leftMs), options.signal, plan.path);
    }
    return "granted";
  }
  const queue = queueFor(plan, options);
  const immediate = queue.tryEnter(mode, location.targetPath, timeoutMs > 0);
  const outcome =
    immediate === "busy" ? await waitInQueue(queue, mode, request, location, startedAt) : immediate;
  if (outcome === "expired") throw timedOut(request, location, startedAt, plan);
  if (outcome === "granted") taken.push({ queue, mode });
  return outcome;
}

/** Waits in this process's queue for a lock, which competes with other processes on behalf of its head. */
function waitInQueue(
  queue: LocalQueue,
  mode: LockMode,
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
): Promise<WaitOutcome> {
  const { timeoutMs } = request;
  const { priority, signal } = request.options;
  if (timeoutMs === 0) return Promise.resolve("expired");
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const deadlineAt = startedAt + timeoutMs;
    enqueue(queue, new LegWaiter(mode, priority, location.targetPath, deadlineAt, resolve, reject), signal);
  });
}

class LegWaiter extends Waiter {
  protected readonly onSettled: (outcome: WaitOutcome) => void;
  protected readonly onFailed: (reason: unknown) => void;

  constructor(
    mode: LockMode,
    priority: number,
    dataPath: string,
    deadlineAt: number,
    onSettled: (outcome: WaitOutcome) => void,
    onFailed: (reason: unknown) => void,
  ) {
    super(mode, priority, dataPath, deadlineAt);
    this.onSettled = onSettled;
    this.onFailed = onFailed;
  }
}

/** Lets a request wait; an abort takes it back. */
export function enqueue(queue: LocalQueue, waiter: Waiter, signal: AbortSignal | undefined): void {
  if (signal !== undefined)
    waiter.endOnAbort(signal, () => {
      recordFailure("aborts", queue.primitive.lockPath);
      queue.withdraw(waiter, signal.reason);
    });
  queue.enqueue(waiter);
}

function takeLegSync(
  plan: LegPlan,
  mode: LockMode,
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
  taken: HeldLeg[],
): "granted" | "moved" {
  const leftMs = (): number => Math.max(startedAt + request.timeoutMs - monotonicMs(), 0);
  if (plan.kind !== "flock") {
    for (
      let pauseMs = 1;
      !takeExistence(plan, taken, true);
      pauseMs = Math.min(pauseMs * 2, maxExistencePauseMs)
    ) {
      if (leftMs() <= 0) throw timedOut(request, location, startedAt, plan);
      sleepSync(Math.min(pauseMs, leftMs()));
    }
    return "granted";
  }
  const queue = queueFor(plan, request.options);
  refuseSelfDeadlock(plan, queue.heldMode, mode, request.path);
  const outcome = queue.enterSync(mode, location.targetPath, leftMs());
  if (outcome === undefined) {
    throw new LockReentryError(
      request.path,
      mode,
      "this thread waits for it asynchronously through a child process, which a synchronous wait would block. Use the asynchronous call.",
    );
  }
  if (outcome === "busy") throw timedOut(request, location, startedAt, plan);
  if (outcome === "granted") taken.push({ queue, mode });
  return outcome;
}

/** A synchronous wait for a lock that this very thread holds would block the code that is to release it. */
function refuseSelfDeadlock(
  plan: FlockLegPlan,
  heldHere: LockMode | undefined,
  wanted: LockMode,
  path: string,
): void {
  if (heldHere === "shared" && wanted === "shared") return;
  if (heldHere === undefined && !isHeldByThread(plan.path)) return;
  throw new LockReentryError(
    path,
    heldHere ?? "exclusive",
    "this thread holds it, and a synchronous wait would block the very code that is to release it. Use the asynchronous call.",
  );
}

/** Of the file that was just found to be the one that is locked. */
function identityOf(lockPath: string): string | undefined {
  try {
    const stats = files.statSync(lockPath);
    return stats && `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}

function takeExistence(plan: Exclude<LegPlan, FlockLegPlan>, taken: HeldLeg[], blocking: boolean): boolean {
  const held = taken.flatMap((leg) => ("queue" in leg ? leg.queue.primitive : []));
  const proof = held.find(({ provesAlone }) => provesAlone);
  const kernelLock = proof && identityOf(proof.lockPath);
  const followsDead = taken.some((leg) => "existence" in leg && leg.existence.brokeOurDead);
  const existence = new ExistenceLeg(plan, { kernelLock, followsDead, blocking });
  if (!existence.tryAcquire()) return false;
  taken.push({ existence });
  return true;
}

/** @param busy - The leg that could not be had. */
export function timedOut(
  request: LockRequest,
  location: LockLocation,
  startedAt: number,
  busy: LegPlan = location.plan.legs[0],
): LockTimeoutError {
  const { path, mode, timeoutMs } = request;
  const holder = busy.kind === "flock" ? holdersOf(busy.path)[0] : undefined;
  const described = busy.kind === "flock" ? holder?.description : describeHolder(busy);
  const waitedMs = monotonicMs() - startedAt;
  noteTimeout(location.plan.legs[0].path, waitedMs);
  return new LockTimeoutError({
    path,
    mode,
    timeoutMs,
    waitedMs,
    holder,
    described,
    hints: location.plan.hints,
  });
}

function pause(ms: number, signal: AbortSignal | undefined, lockPath: string): Promise<void> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      recordFailure("aborts", lockPath);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
