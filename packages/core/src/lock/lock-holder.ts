/** Who holds a lock, as far as that can be learned. For people and messages; it never decides anything. */
import { hostname } from "node:os";
import { kernelLocksOn, type KernelLockEntry } from "../platform/proc-locks.ts";
import { bootId, processExists, processIdentity } from "../platform/process-identity.ts";
import { files } from "../platform/file-system.ts";
import type { LockMode } from "./lock-mode.ts";

export interface LockHolder {
  readonly pid: number;
  readonly mode: LockMode;
  /** The name of its program, where it is known. Never its arguments. */
  readonly program: string | undefined;
  /** Where the kernel tells: process start, in clock ticks since boot. Tells a reused pid from the old one. */
  readonly startTicks: string | undefined;
  readonly host: string;
  readonly bootId: string | undefined;
  readonly thisProcess: boolean;
  /** `process 4711 (node)`, for messages. */
  readonly description: string;
}

/** Holders of a lock file, from the kernel's own table. Empty where that cannot be read. */
export function holdersOf(lockPath: string): readonly LockHolder[] {
  return entriesOf(lockPath)
    .filter((entry) => !entry.waiting)
    .map(toHolder);
}

/** A process that somebody says holds a lock; undefined where none of that number runs. */
export function holderOf(pid: number, mode: LockMode): LockHolder | undefined {
  return pid === process.pid || processExists(pid) ? toHolder({ pid, mode }) : undefined;
}

/** Those who wait for it in the kernel's queue. Pollers are not seen. */
export function waitersOf(lockPath: string): readonly LockHolder[] {
  return entriesOf(lockPath)
    .filter((entry) => entry.waiting)
    .map(toHolder);
}

function entriesOf(lockPath: string): readonly KernelLockEntry[] {
  const stats = files.statSync(lockPath);
  if (stats === undefined) return [];
  // The table names who made the call: for a lock taken through a child process that is long gone, nobody that can be named.
  return kernelLocksOn(stats.dev, stats.ino).filter(({ pid }) => pid === process.pid || processExists(pid));
}

function toHolder({ pid, mode }: Pick<KernelLockEntry, "pid" | "mode">): LockHolder {
  const identity = processIdentity(pid);
  const thisProcess = pid === process.pid;
  const program = identity?.program;
  return {
    pid,
    mode,
    program,
    startTicks: identity?.startTicks,
    host: hostname(),
    bootId: bootId(),
    thisProcess,
    description: thisProcess
      ? `this process (${pid})`
      : `process ${pid}${program === undefined ? "" : ` (${program})`}`,
  };
}
