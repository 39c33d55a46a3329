/** Processes that count one thing up side by side, each contender on a file of its own, and what of it was lost. */
import { MissingHereError } from "./baselines.ts";
import type { BenchContext } from "./bench-context.ts";
import { aheadRows, type ContenderKind, type Measured, type MeasuredContender } from "./comparison.ts";
import { durations } from "./durations.ts";
import { ended, Failures } from "./failures.ts";
import { nodeWorker, type LineProgram } from "./line-program.ts";
import { requirePeers } from "./peers.ts";
import { disturbance, interleave } from "./rounds.ts";
import type { Row } from "./row.ts";
import type { Counted } from "../workers/counted.ts";
import { jain, largest, percentile } from "./statistics.ts";

export interface CountedPlan {
  readonly name: string;
  readonly what: "document" | "log";
  readonly durability: "disk" | "os";
  readonly processes: number;
  /** What each file begins with. */
  readonly kilobytes: number;
  readonly contenders: readonly CountedContender[];
}

export interface CountedContender {
  readonly name: string;
  /** As the worker knows it. */
  readonly way: string;
  /** Packages that it cannot do without. */
  readonly peers?: readonly string[];
  /** Why it cannot take part in this one at all. */
  readonly unable?: string;
  /** What a reader has to know of it. */
  readonly note?: string;
  readonly kind?: ContenderKind;
  /** What it promises, where that is not the durability of the plan. */
  readonly durability?: string;
}

/** Calls that each process makes on a small file of its own until V8 has compiled them, or as many as take two seconds. */
export function warmOrder(context: BenchContext): string {
  return `warm ${Math.ceil(2_000 / durations(context).shrink)} 2`;
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
  const seconds = fleetSeconds / 2;
  const failures = new Failures(context.say);
  const fleets = new Map<string, Fleet>();
  for (const { name: who, way, peers = [], unable } of contenders)
    await failures.of(who, async () => {
      if (unable !== undefined) throw new MissingHereError(unable);
      requirePeers(...peers);
      const fleet = await startFleet(context, plan, way);
      fleets.set(who, fleet);
      await fleet.run(Math.min(seconds, 0.3)); // has waited for the others by now
    });
  const slices = Object.fromEntries([...fleets].map(([who, fleet]) => [who, () => fleet.run(seconds)]));
  const runs = ended(await interleave(context.quick ? 1 : rounds, failures.guard(slices)));
  const measured: Measured = {
    name,
    durability,
    metrics,
    contenders: await Promise.all(
      contenders.map(async (each) => {
        const fleet = fleets.get(each.name);
        const lost = (await failures.of(each.name, async () => await fleet?.lostPercent())) ?? 0;
        const wrong = { lost, failed: fleet?.failed() ?? 0, broken: failures.faultsOf(each.name) };
        return contenderOf(each, runs[each.name] ?? [], wrong, failures.missingOf(each.name));
      }),
    ),
    disturbance: runs[disturbance],
  };
  for (const fleet of fleets.values()) await fleet.end();
  context.show(measured);
  return aheadRows(measured, "throughput");
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
  missing: string | undefined,
): MeasuredContender {
  const valuesOf = (key: keyof CountedFigures): number[] => rounds.map((figures) => figures[key]);
  const calls = failed > 0 ? [`${failed} calls failed`] : [];
  const notes = [...(isOurs(each) ? [] : calls), ...(each.note === undefined ? [] : [each.note])];
  return {
    name: each.name,
    durability: each.durability,
    kind: each.kind,
    note: notes.length === 0 ? undefined : notes.join("; "),
    missing,
    faults: [
      ...broken,
      ...(lost > 0 ? [`${lost.toPrecision(2)} % of what it acknowledged is lost`] : []),
      ...(isOurs(each) ? calls : []),
    ],
    figures: {
      throughput: valuesOf("throughput"),
      p50: valuesOf("p50"),
      p99: valuesOf("p99"),
      "worst wait": valuesOf("worst wait"),
      "worst of all rounds": rounds.length === 0 ? [] : [largest(valuesOf("worst wait"))],
      Jain: valuesOf("Jain"),
      "processor time": valuesOf("processor time"),
      lost: rounds.length === 0 ? [] : [lost],
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

/** Warm, all of them, when it resolves. */
async function startFleet(context: BenchContext, plan: CountedPlan, way: string): Promise<Fleet> {
  const { what, durability, processes, kilobytes } = plan;
  const path = context.file(`${what}-${durability}-${processes}-${kilobytes}-${way.replaceAll(/\W/g, "-")}`);
  const start = (): Promise<LineProgram> =>
    nodeWorker("counted.ts", [what, path, way, durability, String(kilobytes)]).ready();
  const first = await start(); // it makes the file
  const programs = [first, ...(await Promise.all(Array.from({ length: processes - 1 }, start)))];
  const askAll = <Answer>(line: string): Promise<readonly Answer[]> =>
    Promise.all(programs.map((program) => program.ask<Answer>(line))).catch((error: unknown) => {
      for (const program of programs) program.kill(); // those that live would answer the next question with this one's
      throw error;
    });
  await askAll(warmOrder(context));
  let [acknowledged, failed] = [0, 0];
  return {
    async run(seconds) {
      const answers = await askAll<Counted>(`for ${seconds}`);
      acknowledged += answers.reduce((sum, { latenciesUs }) => sum + latenciesUs.length, 0);
      failed += sumOf(answers, "failed");
      return summarize(answers, seconds);
    },
    async lostPercent() {
      const { stored } = await first.ask<{ stored: number }>("stored");
      const missing = acknowledged - stored;
      // What failed may have been written all the same; with no failure, more than was acknowledged was written twice.
      const wrong = missing < 0 && failed === 0 ? -missing : Math.max(0, missing);
      return (100 * wrong) / Math.max(acknowledged, 1);
    },
    failed: () => failed,
    end: () => Promise.all(programs.map((program) => program.end())),
  };
}
