/** How much of the processors went to others while something was measured: what makes a figure one of the machine, not of the code. */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks of the clock since the machine started. */
interface Ticks {
  /** Of all processors, idle or not. */
  readonly all: number;
  /** Of which programs and threads of the kernel ran, or the host of a virtual machine kept them. Interrupts are mostly our own disk's. */
  readonly busy: number;
}

interface Reading extends Ticks {
  /** Of this process, and of those it started that are over. */
  readonly own: number;
  /** Of each thread of the kernel. */
  readonly kernel: ReadonlyMap<string, number>;
}

/**
 * Begins to watch.
 *
 * @returns A function that ends it: the share of all processors' time that went to programs that this one did not start, and to the
 * host of a virtual machine, between 0 and 1. What the kernel's own threads did is nobody's: they carry out what programs asked for, and
 * another program that keeps them busy is seen itself. Undefined where there is no /proc.
 */
export function watchOthers(): () => number | undefined {
  const before = read();
  return () => {
    const after = read();
    if (before === undefined || after === undefined || after.all === before.all) return undefined;
    const ours = after.own - before.own + growth(before.kernel, after.kernel);
    const others = after.busy - before.busy - ours;
    return Math.min(Math.max(others / (after.all - before.all), 0), 1);
  };
}

function read(): Reading | undefined {
  try {
    return {
      ...ticksOf(readFileSync("/proc/stat", "utf8")),
      own: taskOf(readFileSync("/proc/self/stat", "utf8")).ticks,
      kernel: kernelThreads(),
    };
  } catch {
    return undefined;
  }
}

/** @param machine - /proc/stat. */
export function ticksOf(machine: string): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = machine
    .slice(0, machine.indexOf("\n"))
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + steal;
  return { all: busy + idle + iowait + irq + softirq, busy };
}

interface Task {
  readonly parent: number;
  /** In user and in system mode, its own and those of its children that were waited for. */
  readonly ticks: number;
}

/** @param stat - /proc/<pid>/stat. */
export function taskOf(stat: string): Task {
  // The name of a program may hold spaces and brackets: what follows the last one is the state, and numbers.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  return { parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, each) => sum + each, 0) };
}

/** Linux gives every thread of the kernel the same parent. */
const kthreadd = 2;

function kernelThreads(): ReadonlyMap<string, number> {
  const threads = new Map<string, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const task = taskCalled(name);
    if (task?.parent === kthreadd) threads.set(name, task.ticks);
  }
  return threads;
}

function taskCalled(name: string): Task | undefined {
  try {
    return taskOf(readFileSync(`/proc/${name}/stat`, "utf8"));
  } catch {
    return undefined; // it has ended since
  }
}

function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const [name, ticks] of after) sum += Math.max(0, ticks - (before.get(name) ?? 0));
  return sum;
}
