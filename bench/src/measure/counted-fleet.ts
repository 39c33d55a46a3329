/** Processes that count one thing up side by side, each contender on a file of its own, and what of it was lost. */
import type { BenchContext } from "./bench-context.ts";
import { aheadRows, type ContenderKind, type Measured, type MeasuredContender } from "./comparison.ts";
import { durations } from "./durations.ts";
import { Failures } from "./failures.ts";
import { nodeWorker, type LineProgram } from "./line-program.ts";
import { whyMissing } from "./peers.ts";
import { disturbance, interleave } from "./rounds.ts";
import { unmeasured, type Row } from "./row.ts";
import type { Counted } from "../workers/counted.ts";
import { jain, largest, percentile } from "./statistics.ts";

export interface CountedPlan {
  readonly name: string;
  readonly what: "document" | "log";
  readonly durability: "disk" | "os";
  readonly processes: number;
  readonly kilobytes: number;
  readonly contenders: readonly CountedContender[];
}

export interface CountedContender {
  readonly name: string;
  /** As the worker knows it. */
  readonly way: string;
  readonly peer?: string;
  readonly kind?: ContenderKind;
  /** What it promises, where that is not the durability of the plan. */
  readonly durability?: string;
}

const metrics = [
  { name: "throughput", unit: "ops/s", better: "more", drawn: true },
  { name: "p50", unit: "us", better: "less", drawn: false },
  { name: "p99", unit: "us", better: "less", drawn: false },
  { name: "worst wait", unit: "us", better: "less", drawn: false },
  { name: "worst of all rounds", unit: "us", better: "less", drawn: false },
  { name: "Jain", unit: "index", better: "more", drawn: false },
  { name: "processor time", unit: "us", better: "less", drawn: false },
  { name: "lost", unit: "%", better: "less", drawn: false },
] as const;

/** What one round of all processes together came to. */
export interface CountedFigures {
  readonly throughput: number;
  readonly p50: number;
  readonly p99: number;
  readonly "worst wait": number;
  readonly Jain: number;
  readonly "processor time": number;
}

/** Percentiles are those of all calls of all processes: each call counts once, whoever made it. Who was kept waiting shows in the worst wait, and in Jain's index. */
export function summarize(processes: readonly Counted[], seconds: number): CountedFigures {
  const latenciesUs = processes.flatMap((each) => each.latenciesUs);
  return {
    throughput: sumOf(processes, "inTime") / seconds,
    p50: percentile(latenciesUs, 0.5),
    p99: percentile(latenciesUs, 0.99),
    "worst wait": largest(latenciesUs),
    Jain: jain(processes.map(({ inTime }) => inTime)),
    "processor time": sumOf(processes, "cpuUs") / Math.max(latenciesUs.length, 1),
  };
}

function sumOf(processes: readonly Counted[], key: "inTime" | "failed" | "cpuUs"): number {
  return processes.reduce((sum, each) => sum + each[key], 0);
}

export async function compareCounted(context: BenchContext, plan: CountedPlan): Promise<readonly Row[]> {
  const { rounds, fleetSeconds } = durations(context);
  const { name, durability, contenders } = plan;
  context.say(name);
  const skipped = contenders.flatMap(({ name: who, peer }) => {
    const reason = peer === undefined ? undefined : whyMissing(peer);
    if (reason === undefined) return [];
    context.say(`${who} SKIPPED: ${reason}`);
    return unmeasured(`${name}: ${who}`, "skipped", reason);
  });
  const present = contenders.filter(({ peer }) => peer === undefined || whyMissing(peer) === undefined);
  const fleets = new Map<string, Fleet>();
  for (const each of present) fleets.set(each.name, await startFleet(context, plan, each.way));
  const seconds = fleetSeconds / 2;
  const failures = new Failures(...present.filter(isOurs).map((each) => each.name));
  const runFor = (who: string, fleet: Fleet, forSeconds: number): Promise<CountedFigures | undefined> =>
    failures.of(who, () => fleet.run(forSeconds));
  for (const [who, fleet] of fleets) await runFor(who, fleet, Math.min(seconds, 0.3)); // compiled by now
  const runs = await interleave(
    context.quick ? 1 : rounds,
    Object.fromEntries([...fleets].map(([who, fleet]) => [who, () => runFor(who, fleet, seconds)])),
  );
  const measured: Measured = {
    name,
    durability,
    metrics,
    contenders: await Promise.all(
      present.map(async (each) => {
        const ended = (runs[each.name] ?? []).filter((figures) => figures !== undefined);
        const broken = failures.faultsOf(each.name);
        const fleet = fleets.get(each.name);
        const lost = broken.length > 0 ? 0 : ((await fleet?.lostPercent()) ?? 0);
        return contenderOf(each, ended, { broken, lost, failed: fleet?.failed() ?? 0 });
      }),
    ),
    bareNote: "it keeps no lock, and syncs no directory",
    disturbance: runs[disturbance],
  };
  for (const fleet of fleets.values()) await fleet.end();
  context.show(measured);
  return [...aheadRows(measured, "throughput"), ...skipped];
}

const isOurs = ({ way }: CountedContender): boolean => way === "ours";

/** What went wrong in all of its rounds. */
interface Wrong {
  readonly broken: readonly string[];
  /** Percent. */
  readonly lost: number;
  readonly failed: number;
}

function contenderOf(
  each: CountedContender,
  rounds: readonly CountedFigures[],
  { broken, lost, failed }: Wrong,
): MeasuredContender {
  const valuesOf = (key: keyof CountedFigures): number[] => rounds.map((figures) => figures[key]);
  const failures = failed > 0 ? [`${failed} calls failed`] : [];
  return {
    name: each.name,
    durability: each.durability,
    kind: each.kind,
    note: isOurs(each) ? undefined : failures[0],
    faults: [
      ...broken,
      ...(lost > 0 ? [`${lost.toPrecision(2)} % of what it acknowledged is lost`] : []),
      ...(isOurs(each) ? failures : []),
    ],
    figures: {
      throughput: valuesOf("throughput"),
      p50: valuesOf("p50"),
      p99: valuesOf("p99"),
      "worst wait": valuesOf("worst wait"),
      "worst of all rounds": [largest(valuesOf("worst wait"))],
      Jain: valuesOf("Jain"),
      "processor time": valuesOf("processor time"),
      lost: [lost],
    },
  };
}

interface Fleet {
  /** Rejects where one of its programs has ended; then all of them do. */
  readonly run: (seconds: number) => Promise<CountedFigures>;
  /** Of all rounds: also of those that are not kept. */
  readonly lostPercent: () => Promise<number>;
  readonly failed: () => number;
  readonly end: () => Promise<unknown>;
}

async function startFleet(context: BenchContext, plan: CountedPlan, way: string): Promise<Fleet> {
  const { what, durability, processes, kilobytes } = plan;
  const path = context.file(`${what}-${durability}-${processes}-${kilobytes}-${way.replaceAll(/\W/g, "-")}`);
  const start = (): Promise<LineProgram> =>
    nodeWorker("counted.ts", [what, path, way, durability, String(kilobytes)]).ready();
  const first = await start(); // it makes the file
  const programs = [first, ...(await Promise.all(Array.from({ length: processes - 1 }, start)))];
  let [acknowledged, failed] = [0, 0];
  return {
    async run(seconds) {
      const answers = await Promise.all(
        programs.map((program) => program.ask<Counted>(`for ${seconds}`)),
      ).catch((error: unknown) => {
        for (const program of programs) program.kill(); // those that live would answer the next question with this one's
        throw error;
      });
      acknowledged += answers.reduce((sum, { latenciesUs }) => sum + latenciesUs.length, 0);
      failed += sumOf(answers, "failed");
      return summarize(answers, seconds);
    },
    async lostPercent() {
      const { stored } = await first.ask<{ stored: number }>("stored");
      return Math.max(0, (100 * (acknowledged - stored)) / Math.max(acknowledged, 1));
    },
    failed: () => failed,
    end: () => Promise.all(programs.map((program) => program.end())),
  };
}
