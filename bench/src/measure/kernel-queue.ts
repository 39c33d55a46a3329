import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

/** Returns once the process sits in the kernel's queue for a lock, as /proc/locks tells; where that is missing, after 50 ms. */
export async function queued(pid: number): Promise<void> {
  for (let look = 0; look < 1000; look += 1) {
    if (isQueued(pid)) return;
    await delay(1);
  }
  throw new Error(`process ${pid} does not wait for any lock`);
}

function isQueued(pid: number): boolean {
  try {
    return new RegExp(`-> FLOCK .* ${pid} `).test(readFileSync("/proc/locks", "utf8"));
  } catch {
    return true;
  }
}
