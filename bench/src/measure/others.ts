/** How much of the processors went to others while something was measured: what makes a figure one of the machine, not of the code. */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Time of all processors while something was watched, in ticks of the clock. */
export interface Watched {
  /** Of others. Below none, by the rounding of ticks, where there were none. */
  readonly others: number;
  readonly all: number;
}

/** Begins to watch. @returns A function that ends it. Undefined where it cannot be told. */
export type Watch = () => () => Watched | undefined;

/** The share that others had of what was watched, all of it together. Undefined where it cannot be told of any of it. */
export function othersShareOf(watched: readonly (Watched | undefined)[]): number | undefined {
  const told = watched.filter((each) => each !== undefined);
  const sum = (key: keyof Watched): number => told.reduce((total, each) => total + each[key], 0);
  return sum("all") === 0 ? undefined : Math.min(Math.max(sum("others") / sum("all"), 0), 1);
}

/** Ticks of each processor without which a share says nothing: a quarter of a second. */
const leastTicks = 25;

/** Whether it was watched for so long that the rounding of ticks does not decide what others had. */
export function isLongEnough({ all }: Watched): boolean {
  return all >= leastTicks * availableParallelism();
}

/** Ticks of the clock since the machine started. */
interface Ticks {
  /** Of all processors, idle or not. */
  readonly all: number;
  /** Of which programs and threads of the kernel ran, or the host of a virtual machine kept them. Interrupts are mostly our own disk's. */
  readonly busy: number;
}

interface Reading extends Ticks {
  /** Of this process and of those it started, over or not. */
  readonly own: number;
  /** Of each thread of the kernel. */
  readonly kernel: ReadonlyMap<number, number>;
}

/**
 * Others are programs that this one did not start, and the host of a virtual machine. What the kernel's own threads did is nobody's: they
 * carry out what programs asked for, and another program that keeps them busy is seen itself. It cannot be told where there is no /proc.
 */
export const watchOthers: Watch = () => {
  const before = read();
  return () => {
    const after = read();
    if (before === undefined || after === undefined) return undefined;
    const ours = after.own - before.own + growth(before.kernel, after.kernel);
    return { others: after.busy - before.busy - ours, all: after.all - before.all };
  };
};

function read(): Reading | undefined {
  try {
    const machine = ticksOf(readFileSync("/proc/stat", "utf8"));
    const tasks = allTasks();
    return { ...machine, own: ticksOfTree(tasks, process.pid), kernel: kernelThreads(tasks) };
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

/** By its number. */
type Tasks = ReadonlyMap<number, Task>;

function allTasks(): Tasks {
  const tasks = new Map<number, Task>();
  for (const name of readdirSync("/proc")) {
    const task = /^\d+$/.test(name) ? taskCalled(name) : undefined;
    if (task !== undefined) tasks.set(Number(name), task);
  }
  return tasks;
}

/** Of a process and of all that descend from it: those that are over count in whoever waited for them. */
export function ticksOfTree(tasks: Tasks, root: number): number {
  let sum = tasks.get(root)?.ticks ?? 0;
  for (const [id, { parent }] of tasks) if (parent === root) sum += ticksOfTree(tasks, id);
  return sum;
}

/** Linux gives every thread of the kernel the same parent. */
const kthreadd = 2;

function kernelThreads(tasks: Tasks): ReadonlyMap<number, number> {
  const threads = [...tasks].filter(([, { parent }]) => parent === kthreadd);
  return new Map(threads.map(([id, { ticks }]) => [id, ticks]));
}

function taskCalled(name: string): Task | undefined {
  try {
    return taskOf(readFileSync(`/proc/${name}/stat`, "utf8"));
  } catch {
    return undefined; // it has ended since
  }
}

function growth(before: ReadonlyMap<number, number>, after: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const [name, ticks] of after) sum += Math.max(0, ticks - (before.get(name) ?? 0));
  return sum;
}
