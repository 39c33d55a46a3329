import { readFileSync, readlinkSync } from "node:fs";

/** What tells one process from a later one with the same pid. */
export interface ProcessIdentity {
  readonly program: string;
  /** Field 22 of /proc/PID/stat: clock ticks after boot. */
  readonly startTicks: string;
}

/** Undefined where the process is gone (a zombie is) or /proc is not there. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The program's name stands in parentheses and may hold anything, parentheses too.
  const nameEnd = stat.lastIndexOf(")");
  const program = stat.slice(stat.indexOf("(") + 1, nameEnd);
  const fields = stat.slice(nameEnd + 2).split(" ");
  const startTicks = fields[19];
  if (startTicks === undefined || fields[0] === "Z" || fields[0] === "X") return undefined; // dead, only not yet reaped
  return { program, startTicks };
}

let boot: string | undefined;

/** Differs after each boot. Undefined outside Linux. */
export function bootId(): string | undefined {
  return (boot ??= read("/proc/sys/kernel/random/boot_id")?.trim());
}

/** Pids of different namespaces cannot be compared. Undefined outside Linux. */
export function pidNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}

/** The monotonic clocks of different time namespaces cannot be compared. Undefined where there is no such thing. */
export function timeNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/time");
  } catch {
    return undefined;
  }
}

/** Whether a process of this host exists. One that may not be signalled exists; a zombie does not. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return bootId() === undefined || processIdentity(pid) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
