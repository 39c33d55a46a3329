/** Issues of a jit repository, against the same files under one lock. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { durations } from "../../measure/durations.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { Cost } from "../../workers/line-server.ts";

async function measureJit(context: BenchContext): Promise<readonly Row[]> {
  const { rounds, shrink } = durations(context);
  const measure = async (
    what: string,
    processes: number,
    callers: number,
    each: number,
  ): Promise<Record<"ours" | "global", number[]>> => {
    const start = async (way: string): Promise<() => Promise<number>> => {
      const directory = context.file(`jit-${what}-${way}`);
      mkdirSync(directory, { recursive: true });
      const programs = await Promise.all(
        Array.from({ length: processes }, () =>
          nodeWorker("jit-issues.ts", [directory, way, what, String(callers)]).ready(),
        ),
      );
      let operations = 0;
      return async () => {
        const startedAt = performance.now();
        await Promise.all(programs.map((program) => program.ask<Cost>(String(each))));
        const perSecond = (processes * callers * each * 1_000) / (performance.now() - startedAt);
        operations += processes * callers * each;
        const { all_ids: ids } = JSON.parse(readFileSync(join(directory, ".jit/index.json"), "utf8")) as {
          all_ids: string[];
        };
        const expected = what === "create" ? operations : processes * callers;
        if (ids.length !== expected) throw new Error(`${expected - ids.length} issues lost`);
        return perSecond;
      };
    };
    const contenders = { ours: await start("ours"), global: await start("global") };
    await interleave(1, contenders);
    return interleave(Math.min(rounds, 3), contenders);
  };
  const each = Math.ceil(5 / shrink);
  const creates = await measure("create", 5, 10, each);
  const updates = await measure("update", 4, 5, Math.ceil(10 / shrink));
  const row = (name: string, figures: Record<"ours" | "global", number[]>): Row =>
    judge({
      name,
      durability: "disk",
      unit: "ops/s",
      ours: figures.ours,
      baseline: { name: "one global lock, no events", values: figures.global },
      goal: { compared: "ours / baseline", atLeast: 1 },
      note: "ours also writes jit's events",
    });
  return [
    row("jit: 50 writers × 5 creates, 5 processes", creates),
    row("jit: 20 agents on different issues, 4 processes", updates),
  ];
}

export const jitIssues: Group = { name: "jit-issues", measure: measureJit };
