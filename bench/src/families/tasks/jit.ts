/** Issues of a jit repository, against the same files under one lock. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, lossOf, type Between } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { withPrograms, type Keep } from "../../measure/programs.ts";
import { disturbance, interleave, warmUp, type Rounds } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Titled } from "../../workers/jit-issues.ts";

const ways = ["ours", "global"] as const;
type Way = (typeof ways)[number];

interface Fleets {
  readonly rates: Rounds<Way, number>;
  /** What broke; issues without the title that was acknowledged last, or that are not in the index. */
  readonly between: Between;
}

/** What each process of a fleet does in a round. */
interface Work {
  readonly callers: number;
  /** Of each caller. */
  readonly each: number;
  /** Rounds before those that count. Two hundred calls of a process are not yet compiled. */
  readonly warmUps: number;
}

async function measureFleets(
  context: BenchContext,
  what: "create" | "update",
  processes: number,
  { callers, each, warmUps }: Work,
): Promise<Fleets> {
  const { rounds } = durations(context);
  const lost = { ours: 0, global: 0 };
  const start = async (keep: Keep, way: Way): Promise<() => Promise<number>> => {
    const directory = context.file(`jit-${what}-${way}`);
    mkdirSync(directory, { recursive: true });
    const programs = await Promise.all(
      Array.from({ length: processes }, () =>
        keep(nodeWorker("jit-issues.ts", [directory, way, what, String(callers)])).ready(),
      ),
    );
    return async () => {
      const startedAt = performance.now();
      const answers = await Promise.all(programs.map((program) => program.ask<Titled>(String(each))));
      const perSecond = (processes * callers * each * 1_000) / (performance.now() - startedAt);
      for (const { titles } of answers) lost[way] += lostOf(join(directory, ".jit"), titles);
      return perSecond;
    };
  };
  const failures = new Failures(context.say);
  const rates = await withPrograms(async (keep) => {
    const fleets = {
      ours: await failures.of("ours", () => start(keep, "ours")),
      global: await failures.of("global", () => start(keep, "global")),
    };
    const contenders = failures.guard({
      ours: async () => await fleets.ours?.(),
      global: async () => await fleets.global?.(),
    });
    await warmUp(warmUps, contenders);
    return ended(await interleave(Math.min(rounds, 3), contenders));
  });
  const between = failures.between("ours", "global");
  return {
    rates,
    between: {
      ...between,
      faults: [...between.faults, ...lossOf(lost.ours, "issues")],
      baselineFaults: [...between.baselineFaults, ...lossOf(lost.global, "issues")],
    },
  };
}

/** How many issues are not as they were acknowledged. */
function lostOf(data: string, titles: Titled["titles"]): number {
  const index = JSON.parse(readFileSync(join(data, "index.json"), "utf8")) as { all_ids: readonly string[] };
  const known = new Set(index.all_ids);
  const isLost = ([id, title]: readonly [string, string]): boolean => {
    const path = join(data, `issues/${id}.json`);
    if (!known.has(id) || !existsSync(path)) return true;
    return (JSON.parse(readFileSync(path, "utf8")) as { title: string }).title !== title;
  };
  return Object.entries(titles).filter(isLost).length;
}

async function measureJit(context: BenchContext): Promise<readonly Row[]> {
  const { shrink } = durations(context);
  const creates = await measureFleets(context, "create", 5, {
    callers: 10,
    each: Math.ceil(5 / shrink),
    warmUps: 1,
  });
  const updates = await measureFleets(context, "update", 4, {
    callers: 5,
    each: Math.ceil(60 / shrink),
    warmUps: 4,
  });
  const row = (name: string, { rates, between }: Fleets): Row =>
    judge({
      name,
      durability: "disk",
      unit: "ops/s",
      ours: rates.ours,
      baseline: { name: "one global lock, no events", values: rates.global },
      goal: { compared: "ours / baseline", atLeast: 1 },
      ...between,
      disturbance: rates[disturbance],
      note: "ours also writes jit's events",
    });
  return [
    row("jit: 50 writers × 5 creates, 5 processes", creates),
    row("jit: 20 agents on different issues, 4 processes", updates),
  ];
}

export const jitIssues: Group = { name: "jit-issues", measure: measureJit };
