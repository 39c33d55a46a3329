/** Appends to the issue log by 8 processes: one caller in each, as scripts do, and 32, as servers do. */
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { countLines } from "../../measure/count-lines.ts";
import { durations } from "../../measure/durations.ts";
import { hasLost, lossOf } from "../../measure/failures.ts";
import { nodeWorker } from "../../measure/line-program.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import { median } from "../../measure/statistics.ts";
import type { AppendOrder, Appends } from "./append-worker.ts";
import { writeIssues } from "./generated-issues.ts";

type Program = Awaited<ReturnType<ReturnType<typeof nodeWorker>["ready"]>>;
type Way = Pick<AppendOrder, "durability" | "callers">;

interface FleetFigure {
  readonly perSecond: number;
  readonly lost: number;
}

const processes = 8;

async function measureAppends(context: BenchContext): Promise<readonly Row[]> {
  const programs = await Promise.all(
    Array.from({ length: processes }, () => nodeWorker("../families/beads/append-worker.ts", []).ready()),
  );
  const rows: Row[] = [];
  for (const durability of ["disk", "os"] as const)
    for (const callers of [1, 32]) rows.push(await measureWay(context, programs, { durability, callers }));
  await Promise.all(programs.map((program) => program.end()));
  return rows;
}

async function measureWay(context: BenchContext, programs: readonly Program[], way: Way): Promise<Row> {
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
  const bare = median(unlocked.map(({ perSecond }) => perSecond));
  const sync = durability === "disk" ? " + fsync" : "";
  return judge({
    name: `append of an issue, ${processes} processes, ${callers} ${callers === 1 ? "caller" : "callers"} each`,
    durability,
    unit: "ops/s",
    ours: ours.map(({ perSecond }) => perSecond),
    baseline: {
      name: `proper-lockfile + append${sync}`,
      values: locked.map(({ perSecond }) => perSecond),
    },
    goal: { compared: "ours / baseline", atLeast: 20 },
    faults: lostBy(ours),
    baselineFaults: lostBy(locked),
    note: `append${sync} of a line, without any lock: ${Math.round(bare).toLocaleString("en-US")} ops/s`,
    disturbance: others,
  });
}

async function appendTogether(programs: readonly Program[], order: AppendOrder): Promise<FleetFigure> {
  const lines = (): number => countLines(join(order.directory, "issues.jsonl"));
  const before = lines();
  const answers = await Promise.all(programs.map((program) => program.ask<Appends>(JSON.stringify(order))));
  const sum = (key: keyof Appends): number => answers.reduce((total, answer) => total + answer[key], 0);
  return { perSecond: sum("inTime") / order.seconds, lost: sum("appends") - (lines() - before) };
}

export const appending: Group = { name: "issue appends", measure: measureAppends };
