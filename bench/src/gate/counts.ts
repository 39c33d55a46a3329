/**
 * What no neighbour can change: how many instructions a call takes, and how many system calls. Instructions are counted by callgrind
 * with the compiler of V8 switched off, on one thread, with fixed seeds: what is left repeats to a few in ten thousand.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import type { Side } from "./time-ratio.ts";

const calls = 100;
const steady = ["--jitless", "--single-threaded", "--predictable", "--hash-seed=1", "--random-seed=1"];

/** Instructions of one call, of each of these hot paths in turn. */
export function countInstructions({ program, directory }: Side, paths: readonly string[]): readonly number[] {
  const profile = `${directory}/callgrind.out`;
  // A profile at each umask, and counting from nothing after it: every second one is of the calls of one path.
  const valgrind = ["--tool=callgrind", "--dump-before=umask", `--callgrind-out-file=${profile}`];
  run("valgrind", [
    ...valgrind,
    process.execPath,
    ...steady,
    program,
    `${directory}/count`,
    String(calls),
    ...paths,
  ]);
  const counts: number[] = [];
  for (let part = 2; ; part += 2) {
    const total = totalOf(`${profile}.${part}`);
    if (total === undefined) return counts;
    counts.push(total / calls);
  }
}

/** Undefined: there is no such profile. @throws {Error} it tells no total: 0 would be no slower than anything. */
export function totalOf(profile: string): number | undefined {
  if (!existsSync(profile)) return undefined;
  const total = /^totals: (\d+)/m.exec(readFileSync(profile, "utf8"))?.[1];
  if (total === undefined) throw new Error(`callgrind wrote no total into ${profile}`);
  return Number(total);
}

/** How often a thread waits, wakes another or asks for memory is chance. */
const chance =
  /^(futex|epoll_\w+|e?poll|madvise|mmap|munmap|mprotect|brk|sched_yield|restart_syscall|membarrier|read|write)$/;

/** System calls of one call, by all threads, of each of these hot paths in turn. */
export function countSystemCalls({ program, directory }: Side, paths: readonly string[]): readonly number[] {
  const log = `${directory}/strace.out`;
  run("strace", [
    "-f",
    "-o",
    log,
    process.execPath,
    "--single-threaded",
    program,
    `${directory}/trace`,
    String(calls),
    ...paths,
  ]);
  const counts: number[] = [];
  let since: number | undefined;
  for (const line of readFileSync(log, "latin1").split("\n")) {
    const name = /^\d+\s+(\w+)\(/.exec(line)?.[1];
    if (name === "umask" && since !== undefined) {
      counts.push(since / calls);
      since = undefined;
    } else if (name === "umask") since = 0;
    else if (name !== undefined && since !== undefined && !chance.test(name)) since += 1;
  }
  return counts;
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} could not count: ${stderr.slice(-800)}`);
}
