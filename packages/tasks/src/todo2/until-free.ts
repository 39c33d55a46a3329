import { setTimeout as sleep } from "node:timers/promises";
import { LockTimeoutError, type WaitOptions } from "@flockwork/core";
import { isBusy, typedError } from "./sqlite.ts";

const longestPauseMs = 100;
const defaultTimeoutMs = 30_000;

/**
 * Runs something that another connection that writes may be in the way of, until it is not: with growing pauses, which do not
 * block the thread.
 * @throws {LockTimeoutError} it was in the way for the whole time. {@link TypeError} {@link RangeError} `timeoutMs` is no time.
 */
export async function untilFree<R>(
  where: string,
  attempt: () => R,
  { timeoutMs = defaultTimeoutMs, signal }: WaitOptions,
): Promise<R> {
  checkTimeout(timeoutMs);
  signal?.throwIfAborted();
  const startedMs = performance.now();
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw typedError(where, error);
    }
    const waitedMs = performance.now() - startedMs;
    if (waitedMs >= timeoutMs) throw timedOut(where, timeoutMs, waitedMs);
    await pause(Math.min(pauseMs * (0.5 + Math.random()), timeoutMs - waitedMs), signal);
  }
}

function checkTimeout(timeoutMs: unknown): void {
  if (typeof timeoutMs !== "number")
    throw new TypeError(`timeoutMs must be a number of milliseconds, got ${typeof timeoutMs}`);
  if (!(timeoutMs >= 0)) throw new RangeError(`timeoutMs must be 0 or more milliseconds, got ${timeoutMs}`);
}

function timedOut(where: string, timeoutMs: number, waitedMs: number): LockTimeoutError {
  const described = "another connection that writes";
  return new LockTimeoutError({
    path: where,
    mode: "exclusive",
    timeoutMs,
    waitedMs,
    holder: undefined,
    described,
  });
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
