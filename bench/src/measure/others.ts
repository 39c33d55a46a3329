/** How much of the processors went to others while something was measured: what makes a figure one of the machine, not of the code. */
import { readFileSync } from "node:fs";

/** Ticks of the clock, since the machine and since this process started. */
interface Ticks {
  /** Of all processors, idle or not. */
  readonly all: number;
  /** Of which programs and threads of the kernel ran, or the host of a virtual machine kept them. Interrupts are mostly our own disk's. */
  readonly busy: number;
  /** Of this process and of those it started that are over. */
  readonly own: number;
}

/**
 * Begins to watch.
 *
 * @returns A function that ends it: the share of all processors' time that went to programs that this one did not start, to the kernel, and to
 * the host of a virtual machine, between 0 and 1. Undefined where there is no /proc.
 */
export function watchOthers(): () => number | undefined {
  const before = ticks();
  return () => {
    const after = ticks();
    if (before === undefined || after === undefined || after.all === before.all) return undefined;
    const others = after.busy - before.busy - (after.own - before.own);
    return Math.min(Math.max(others / (after.all - before.all), 0), 1);
  };
}

function ticks(): Ticks | undefined {
  try {
    return ticksOf(readFileSync("/proc/stat", "utf8"), readFileSync("/proc/self/stat", "utf8"));
  } catch {
    return undefined;
  }
}

/** @param machine - /proc/stat. @param own - /proc/self/stat. */
export function ticksOf(machine: string, own: string): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = machine
    .slice(0, machine.indexOf("\n"))
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + steal;
  // The name of a program may hold spaces and brackets: what follows the last one is numbers. The twelfth to fifteenth are
  // this process in user and in system mode, and its children in both.
  const fields = own
    .slice(own.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return {
    all: busy + idle + iowait + irq + softirq,
    busy,
    own: fields.slice(11, 15).reduce((sum, each) => sum + each, 0),
  };
}
