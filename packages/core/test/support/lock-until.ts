import { setTimeout as pause } from "node:timers/promises";

import { inspectLock } from "../../src/lock/inspect-lock.ts";
import type { LayoutName } from "../../src/lock/lock-layout.ts";

/** Looks again and again until the condition holds; the test's own timeout is what ends it otherwise. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(1);
}

/** Waits until the kernel's table shows this many waiters for the lock of a file. */
export function untilWaiting(path: string, waiters: number, layout?: LayoutName): Promise<void> {
  return until(() => inspectLock(path, { layout }).waiters.length >= waiters);
}
