/** Processes that count one thing up side by side, each contender on a file of its own, and what of it was lost. */
import type { BenchContext } from "./bench-context.ts";
import { aheadRows, type ContenderKind, type Measured, type MeasuredContender } from "./comparison.ts";
import { durations } from "./durations.ts";
import { Failures } from "./failures.ts";
import { nodeWorker, type LineProgram } from "./line-program.ts";
import { whyMissing } from "./peers.ts";
import { interleave } from "./rounds.ts";
import { unmeasured, type Row } from "./row.ts";
import { median } from "./statistics.ts";

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

interface Answer {
  readonly done: number;
  /** Done before the time was over: whoever waited for a lock then gets it later. */
  readonly inTime: number;
  readonly failed: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly cpuUs: number;
}

const metrics = [
  { name: "throughput", unit: "ops/s", better: "more", drawn: true },
  { name: "p50", unit: "us", better: "less", drawn: false },
  { name: "p99", unit: "us", better: "less", drawn: false },
  { name: "processor time", unit: "us", better: "less", drawn: false },
  { name: "lost", unit: "%", better: "less", drawn: false },
] as const;

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
  const runFor = (who: string, fleet: Fleet, forSeconds: number): Promise<readonly Answer[] | undefined> =>
    failures.of(who, () => fleet.run(forSeconds));
  for (const [who, fleet] of fleets) await runFor(who, fleet, Math.min(seconds, 0.3)); // compiled by now
  const runs = await interleave(
    context.quick ? 1 : Math.min(rounds, 3),
    Object.fromEntries([...fleets].map(([who, fleet]) => [who, () => runFor(who, fleet, seconds)])),
  );
  const measured: Measured = {
    name,
    durability,
    metrics,
    contenders: await Promise.all(
      present.map(async (each) => {
        const ended = (runs[each.name] ?? []).filter((answers) => answers !== undefined);
        const broken = failures.faultsOf(each.name);
        const lost = broken.length > 0 ? 0 : ((await fleets.get(each.name)?.lostPercent()) ?? 0);
        return contenderOf(each, ended, seconds, lost, broken);
      }),
    ),
    bareNote: "it keeps no lock, and syncs no directory",
  };
  for (const fleet of fleets.values()) await fleet.end();
  context.show(measured);
  return [...aheadRows(measured, "throughput"), ...skipped];
}

const isOurs = ({ way }: CountedContender): boolean => way === "ours";

function contenderOf(
  each: CountedContender,
  runs: readonly (readonly Answer[])[],
  seconds: number,
  lost: number,
  broken: readonly string[],
): MeasuredContender {
  const sumOf = (answers: readonly Answer[], key: keyof Answer): number =>
    answers.reduce((sum, answer) => sum + answer[key], 0);
  const failed = runs.reduce((sum, answers) => sum + sumOf(answers, "failed"), 0);
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
      throughput: runs.map((answers) => sumOf(answers, "inTime") / seconds),
      p50: runs.map((answers) => median(answers.flatMap(({ done: some, p50Us }) => (some > 0 ? p50Us : [])))),
      p99: runs.map((answers) =>
        Math.max(...answers.flatMap(({ done: some, p99Us }) => (some > 0 ? p99Us : []))),
      ),
      "processor time": runs.map((answers) => sumOf(answers, "cpuUs") / Math.max(sumOf(answers, "done"), 1)),
      lost: [lost],
    },
  };
}

interface Fleet {
  /** Rejects where one of its programs has ended; then all of them do. */
  readonly run: (seconds: number) => Promise<readonly Answer[]>;
  readonly lostPercent: () => Promise<number>;
  readonly end: () => Promise<unknown>;
}

async function startFleet(context: BenchContext, plan: CountedPlan, way: string): Promise<Fleet> {
  const { what, durability, processes, kilobytes } = plan;
  const path = context.file(`${what}-${durability}-${processes}-${kilobytes}-${way.replaceAll(/\W/g, "-")}`);
  const start = (): Promise<LineProgram> =>
    nodeWorker("counted.ts", [what, path, way, durability, String(kilobytes)]).ready();
  const first = await start(); // it makes the file
  const programs = [first, ...(await Promise.all(Array.from({ length: processes - 1 }, start)))];
  let acknowledged = 0;
  return {
    async run(seconds) {
      const answers = await Promise.all(
        programs.map((program) => program.ask<Answer>(`for ${seconds}`)),
      ).catch((error: unknown) => {
        for (const program of programs) program.kill(); // those that live would answer the next question with this one's
        throw error;
      });
      acknowledged += answers.reduce((sum, { done }) => sum + done, 0);
      return answers;
    },
    async lostPercent() {
      const { stored } = await first.ask<{ stored: number }>("stored");
      return Math.max(0, (100 * (acknowledged - stored)) / Math.max(acknowledged, 1));
    },
    end: () => Promise.all(programs.map((program) => program.end())),
  };
}
