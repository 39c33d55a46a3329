/**
 * What no neighbour can change: how many instructions a call takes, and how many system calls. Instructions are counted by callgrind
 * with the compiler of V8 switched off, on one thread, with fixed seeds: what is left repeats to a few in ten thousand.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { HotPath } from "./hot-path.ts";
import { probeOf, type Side } from "./side.ts";

/** Of one call of each path, by its name. */
export type Counts = ReadonlyMap<string, number>;

const calls = 100;
const steady = ["--jitless", "--single-threaded", "--predictable", "--hash-seed=1", "--random-seed=1"];

export function countInstructions(side: Side, paths: readonly HotPath[]): Promise<Counts> {
  return countAll(join(side.directory, "instructions"), side, paths, async (program, output) => {
    // A profile at each mark, and counting from nothing after it: every second one is of the calls of one path.
    const valgrind = ["--tool=callgrind", "--dump-before=umask", `--callgrind-out-file=${output}`];
    await run("valgrind", [...valgrind, process.execPath, ...steady, ...program]);
    return totalsOf(output);
  });
}

/** By all threads. */
export function countSystemCalls(side: Side, paths: readonly HotPath[]): Promise<Counts> {
  return countAll(join(side.directory, "calls"), side, paths, async (program, output) => {
    await run("strace", ["-f", "-y", "-o", output, process.execPath, "--single-threaded", ...program]);
    return systemCallsOf(readFileSync(output, "latin1"));
  });
}

/** Runs a program of Node's, writes to files of that name, and tells what it counted between each two marks. */
type Trace = (program: readonly string[], output: string) => Promise<readonly number[]>;

/** All calls in one process; each import in its own. */
async function countAll(
  directory: string,
  side: Side,
  paths: readonly HotPath[],
  trace: Trace,
): Promise<Counts> {
  mkdirSync(directory);
  const counts = new Map<string, number>();
  const called = paths.flatMap(({ name, imports }) => (imports === undefined ? [name] : []));
  const program = [probeOf(side, "hot-paths"), join(directory, "files"), String(calls), ...called];
  const totals = called.length === 0 ? [] : await trace(program, join(directory, "called"));
  for (const [at, name] of called.entries()) counts.set(name, (totals[at] ?? Number.NaN) / calls);
  for (const { name, imports } of paths) {
    if (imports === undefined) continue;
    const [total] = await trace([probeOf(side, "import-package"), imports], join(directory, name));
    counts.set(name, total ?? Number.NaN);
  }
  return counts;
}

function totalsOf(output: string): readonly number[] {
  const totals: number[] = [];
  for (let part = 2; ; part += 2) {
    const total = totalOf(`${output}.${part}`);
    if (total === undefined) return totals;
    totals.push(total);
  }
}

/** Undefined: there is no such profile. @throws {Error} it tells no total: 0 would be no slower than anything. */
export function totalOf(profile: string): number | undefined {
  if (!existsSync(profile)) return undefined;
  const total = /^totals: (\d+)/m.exec(readFileSync(profile, "utf8"))?.[1];
  if (total === undefined) throw new Error(`callgrind wrote no total into ${profile}`);
  return Number(total);
}

/** How often a thread waits or asks for memory is chance. */
const chance =
  /^(futex|epoll_\w+|e?poll|madvise|mmap|munmap|mprotect|brk|sched_yield|restart_syscall|membarrier)$/;
/** Threads wake each other by these, through what is no file; `/proc` is as long as the machine is busy. */
const ofFile = /^\d+\s+\w+\(\d+<\/(?!proc\/)/;

/** @param log - Of strace, with the paths of descriptors. @returns How many were made between each two calls of umask. */
export function systemCallsOf(log: string): readonly number[] {
  const counts: number[] = [];
  let since: number | undefined;
  for (const line of log.split("\n")) {
    const name = /^\d+\s+(\w+)\(/.exec(line)?.[1];
    if (name === undefined) continue;
    if (name === "umask") {
      if (since !== undefined) counts.push(since);
      since = since === undefined ? 0 : undefined;
    } else if (since !== undefined && isCounted(name, line)) since += 1;
  }
  return counts;
}

function isCounted(name: string, line: string): boolean {
  return name === "read" || name === "write" ? ofFile.test(line) : !chance.test(name);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(command, args);
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    throw new Error(`${command} could not count: ${stderr?.slice(-800)}`, { cause: error });
  }
}
