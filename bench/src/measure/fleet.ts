/** Several processes on one lock and one counter, started together, stopped by their own clocks. */
import { readFileSync, writeFileSync } from "node:fs";
import type { LineProgram } from "./line-program.ts";
import { jain, largest, percentile } from "./statistics.ts";

export interface FleetPlan {
  readonly path: string;
  readonly sectionUs: number;
  readonly thinkUs: number;
  readonly seconds: number;
}

/** Starts one member of a fleet, a program that takes these arguments and answers `go` with its waits. */
export type MemberFactory = (args: readonly string[]) => LineProgram;

/** What some of the members of a fleet got. */
export interface FleetFigures {
  /** Those that ended in time. */
  readonly operations: number;
  readonly opsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly jain: number;
  /** Processor time of all members together, for each operation. */
  readonly cpuUs: number;
}

export interface FleetRun {
  /** By group, in the order of the factories' groups. */
  readonly groups: readonly FleetFigures[];
  /** Sections whose increment of the counter is not in the file. */
  readonly lost: number;
}

export async function runFleet(
  plan: FleetPlan,
  groups: readonly (readonly MemberFactory[])[],
): Promise<FleetRun> {
  const { path, sectionUs, thinkUs, seconds } = plan;
  writeFileSync(path, Buffer.alloc(8));
  const args = [path, String(sectionUs), String(thinkUs), String(seconds)];
  const programs = groups.map((members) => members.map((start) => start(args)));
  try {
    await Promise.all(programs.flat().map((program) => program.ready()));
    const waits = await Promise.all(
      programs.map((members) => Promise.all(members.map((member) => member.ask<Answer>("go")))),
    );
    await Promise.all(programs.flat().map((program) => program.end()));
    const stored = Number(readFileSync(path).readBigUInt64LE());
    return {
      groups: waits.map((members) => summarize(members, seconds)),
      lost: countedBy(waits.flat()) - stored,
    };
  } finally {
    for (const program of programs.flat()) program.kill();
  }
}

/** What the counter has to be at the end. */
export function countedBy(answers: readonly Pick<Answer, "waitsUs" | "counted">[]): number {
  return answers.reduce((sum, { counted, waitsUs }) => sum + (counted ?? waitsUs.length), 0);
}

export interface Answer {
  readonly waitsUs: readonly number[];
  /** Operations that ended before the time was over: whoever waited for the lock then gets it later. */
  readonly inTime: number;
  /** Operations that changed the counter: a reader's change nothing. Without it all of them did. */
  readonly counted?: number;
  readonly cpuUs: number;
}

/** Waits are those of all operations. How many there were in the time tells only of those that ended in it. */
export function summarize(members: readonly Answer[], seconds: number): FleetFigures {
  const waitsUs = members.flatMap((member) => member.waitsUs);
  const operations = members.reduce((sum, { inTime }) => sum + inTime, 0);
  return {
    operations,
    opsPerSecond: operations / seconds,
    p50Ms: percentile(waitsUs, 0.5) / 1000,
    p99Ms: percentile(waitsUs, 0.99) / 1000,
    worstMs: largest(waitsUs) / 1000,
    jain: jain(members.map(({ inTime }) => inTime)),
    cpuUs: members.reduce((sum, member) => sum + member.cpuUs, 0) / waitsUs.length,
  };
}

/** What is wrong with these runs, whatever their figures say. */
export function faultsOf(runs: readonly FleetRun[]): string[] {
  const lost = runs.reduce((sum, run) => sum + Math.abs(run.lost), 0);
  return lost === 0 ? [] : [`${lost} updates lost`];
}
