/** Appends to the issue log by 8 processes: one caller in each, as scripts do, and 32, as servers do. */
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { countLines } from "../../measure/count-lines.ts";
import { durations } from "../../measure/durations.ts";
import { hasLost, lossOf } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { AppendOrder, Appends } from "./append-worker.ts";
import { writeIssues } from "./generated-issues.ts";
import { appenders, issueAppends } from "./row-names.ts";

type Program = Awaited<ReturnType<ReturnType<typeof nodeWorker>["ready"]>>;
type Way = Pick<AppendOrder, "durability" | "callers">;

interface FleetFigure {
  readonly perSecond: number;
  readonly lost: number;
}

async function measureAppends(context: BenchContext): Promise<readonly Row[]> {
  const programs = await Promise.all(
    Array.from({ length: appenders }, () => nodeWorker("../families/beads/append-worker.ts", []).ready()),
  );
  const rows: Row[] = [];
  for (const durability of ["disk", "os"] as const)
    for (const callers of [1, 32])
      rows.push(...(await measureWay(context, programs, { durability, callers })));
  await Promise.all(programs.map((program) => program.end()));
  return rows;
}

async function measureWay(
  context: BenchContext,
  programs: readonly Program[],
  way: Way,
): Promise<readonly Row[]> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  const { durability, callers } = way;
  const contender = (who: AppendOrder["who"]) => {
    const { directory } = writeIssues(context.file(`beads-${who}-${durability}-${callers}`), 1);
    return (least = seconds) => appendTogether(programs, { ...way, directory, who, seconds: least });
  };
  const contenders = {
    ours: contender("ours"),
    locked: contender("proper-lockfile"),
    unlocked: contender("no lock"),
  };
  for (const warm of Object.values(contenders)) await warm(0.2);
  const { ours, locked, unlocked, [disturbance]: others } = await interleave(rounds, contenders, hasLost);
  const lostBy = (figures: readonly FleetFigure[]): readonly string[] =>
    lossOf(
      figures.reduce((sum, { lost }) => sum + Math.abs(lost), 0),
      "lines",
    );
  const sync = durability === "disk" ? " + fsync" : "";
  const rates = (figures: readonly FleetFigure[]): number[] => figures.map(({ perSecond }) => perSecond);
  const row = {
    durability,
    unit: "ops/s",
    baseline: { name: `proper-lockfile + append${sync}`, values: rates(locked) },
    goal: { compared: "ours / baseline", atLeast: 20 },
    baselineFaults: lostBy(locked),
    disturbance: others,
  } as const;
  return [
    judge({ ...row, name: issueAppends(callers), ours: rates(ours), faults: lostBy(ours) }),
    judge({
      ...row,
      name: `${issueAppends(callers)}, without any lock`,
      ours: rates(unlocked),
      faults: lostBy(unlocked),
      isLine: true,
      note: `no code of ours: an append${sync} of each line, which is what is left of the goal for one that shares nothing`,
    }),
  ];
}

async function appendTogether(programs: readonly Program[], order: AppendOrder): Promise<FleetFigure> {
  const lines = (): number => countLines(join(order.directory, "issues.jsonl"));
  const before = lines();
  const answers = await Promise.all(programs.map((program) => program.ask<Appends>(JSON.stringify(order))));
  const sum = (key: keyof Appends): number => answers.reduce((total, answer) => total + answer[key], 0);
  return { perSecond: sum("inTime") / order.seconds, lost: sum("appends") - (lines() - before) };
}

export const appending: Group = { name: "issue appends", measure: measureAppends };
