/** Taking one leg of a lock, waiting for it asynchronously. */
import type { LockRequest } from "./acquire-lock.ts";
import { monotonicMs } from "./clock.ts";
import type { HeldLeg } from "./file-lock.ts";
import type { LegPlan } from "./lock-layout.ts";
import type { LocalQueue } from "./local-queue.ts";
import { recordFailure } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";
import { queueFor, type LockLocation } from "./queues.ts";
import { maxExistencePauseMs, takeExistence } from "./take-existence.ts";
import { timedOut } from "./timed-out.ts";
import { Waiter, type WaitOutcome } from "./waiter-list.ts";

/** Adds the leg to those taken once it is granted. "moved": the file is not where it was, so its lock is another. */
export async function takeLeg(
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
