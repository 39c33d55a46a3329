/** What the kernel lists of locks, by process. */
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadBinding } from "@flockwork/flock";
import type { Program } from "../harness/program.ts";

/** Whether the kernel lists a lock of the process, or a wait for one. */
export function holdsLocks(pid: number): boolean {
  return readFileSync("/proc/locks", "utf8").includes(` ${pid} `);
}

/** Whether it holds a lock that others may have to wait for. Of what SQLite keeps while nobody writes, all is shared. */
export function keepsOthersOut(pid: number): boolean {
  const ours = new RegExp(String.raw`^\d+: (?:FLOCK\s+\S+\s+\w+|POSIX\s+\S+\s+WRITE) ${pid} `, "m");
  return ours.test(readFileSync("/proc/locks", "utf8"));
}

/** Whether a lock can be seen in that list at all: one of ours can. Not without /proc, nor in every container. */
export function seesLocks(directory: string): boolean {
  const fd = openSync(join(directory, "seen"), "a");
  try {
    return loadBinding().tryLock(fd, "exclusive") && holdsLocks(process.pid);
  } catch {
    return false;
  } finally {
    closeSync(fd);
  }
}

/**
 * Milliseconds from now, the kill, until the kernel lists no lock of the process: its wait for a turn on a busy processor is
 * among them. Undefined: a lock outlived it, it is still listed when the process is reaped.
 */
export async function locksGone(victim: Program): Promise<number | undefined> {
  const since = performance.now();
  const elapsedMs = (): number => performance.now() - since;
  while (elapsedMs() < 50) {
    if (!holdsLocks(victim.pid)) return elapsedMs();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.2); // the event loop would add its own delay
  }
  await victim.dead;
  return holdsLocks(victim.pid) ? undefined : elapsedMs();
}
