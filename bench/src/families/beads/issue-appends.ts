/** Appends to the issue log by 8 processes: one caller in each, as scripts do, and 32, as servers do. */
import { join } from "node:path";
import type { BenchContext, Group } from "../../measure/bench-context.ts";
import { countLines } from "../../measure/count-lines.ts";
import { durations } from "../../measure/durations.ts";
import { ended, Failures, hasLost, lossOf } from "../../measure/failures.ts";
import { nodeWorker, type LineProgram } from "../../measure/line-program.ts";
import { requirePeers } from "../../measure/peers.ts";
import { disturbance, interleave } from "../../measure/rounds.ts";
import { judge, type Row } from "../../measure/row.ts";
import type { AppendOrder, Appends } from "./append-worker.ts";
import { writeIssues } from "./generated-issues.ts";
import { appenders, issueAppends } from "./row-names.ts";

type Who = AppendOrder["who"];
type Way = Pick<AppendOrder, "durability" | "callers">;
/** Programs of its own for each: one that breaks takes none of the others along. */
type Fleets = ReadonlyMap<Who, readonly LineProgram[]>;

interface FleetFigure {
  readonly perSecond: number;
  readonly lost: number;
}

async function measureAppends(context: BenchContext): Promise<readonly Row[]> {
  const failures = new Failures(context.say);
  const fleets = new Map<Who, readonly LineProgram[]>();
  const start = () => nodeWorker("../families/beads/append-worker.ts", []).ready();
  for (const who of ["ours", "proper-lockfile", "no lock"] as const)
    await failures.of(who, async () => {
      if (who === "proper-lockfile") requirePeers(who);
      fleets.set(who, await Promise.all(Array.from({ length: appenders }, start)));
    });
  const rows: Row[] = [];
  for (const durability of ["disk", "os"] as const)
    for (const callers of [1, 32])
      rows.push(...(await measureWay(context, fleets, failures, { durability, callers })));
  for (const programs of fleets.values()) await Promise.all(programs.map((program) => program.end()));
  return rows;
}

async function measureWay(
  context: BenchContext,
  fleets: Fleets,
  failures: Failures,
  way: Way,
): Promise<readonly Row[]> {
  const { rounds, fleetSeconds: seconds } = durations(context);
  const { durability, callers } = way;
  const contender = (who: Who) => {
    const { directory } = writeIssues(context.file(`beads-${who}-${durability}-${callers}`), 1);
    return (least = seconds) =>
      failures.of(who, () =>
        appendTogether(fleets.get(who) ?? [], { ...way, directory, who, seconds: least }),
      );
  };
  const contenders = {
    ours: contender("ours"),
    locked: contender("proper-lockfile"),
    unlocked: contender("no lock"),
  };
  for (const [who, programs] of fleets)
    await failures.of(who, () => warmUp(context, programs, { ...way, who }));
  for (const meet of Object.values(contenders)) await meet(0.2); // has waited for the others by now
  const runs = ended(await interleave(rounds, contenders, hasLost));
  const { ours, locked, unlocked } = runs;
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
    disturbance: runs[disturbance],
  } as const;
  const faults = (who: Who, figures: readonly FleetFigure[]) => {
    const between = failures.between(who, "proper-lockfile");
    return {
      ...between,
      faults: [...between.faults, ...lostBy(figures)],
      baselineFaults: [...between.baselineFaults, ...lostBy(locked)],
    };
  };
  return [
    judge({ ...row, ...faults("ours", ours), name: issueAppends(callers), ours: rates(ours) }),
    judge({
      ...row,
      ...faults("no lock", unlocked),
      name: `${issueAppends(callers)}, without any lock`,
      ours: rates(unlocked),
      isLine: true,
      note: `no code of ours: an append${sync} of each line, which is what is left of the goal for one that shares nothing`,
    }),
  ];
}

/** Each appends to a file of its own, for no longer than two seconds: so many until V8 has compiled what an append is. */
async function warmUp(
  context: BenchContext,
  programs: readonly LineProgram[],
  way: Way & Pick<AppendOrder, "who">,
): Promise<void> {
  const most = Math.ceil(2_000 / durations(context).shrink);
  const name = `warm-${way.who}-${way.durability}-${way.callers}`;
  const orders = programs.map((_, at): AppendOrder => {
    const { directory } = writeIssues(context.file(`${name}-${at}`), 1);
    return { ...way, directory, seconds: 2, most };
  });
  await askAll(programs, orders);
}

/** Of each program its own order. Where one of them has ended, all of them do. */
async function askAll(
  programs: readonly LineProgram[],
  orders: readonly AppendOrder[],
): Promise<readonly Appends[]> {
  const asked = programs.map((program, at) => program.ask<Appends>(JSON.stringify(orders[at])));
  return await Promise.all(asked).catch((error: unknown) => {
    for (const program of programs) program.kill();
    throw error;
  });
}

async function appendTogether(programs: readonly LineProgram[], order: AppendOrder): Promise<FleetFigure> {
  const lines = (): number => countLines(join(order.directory, "issues.jsonl"));
  const before = lines();
  const answers = await askAll(
    programs,
    programs.map(() => order),
  );
  const sum = (key: keyof Appends): number => answers.reduce((total, answer) => total + answer[key], 0);
  return { perSecond: sum("inTime") / order.seconds, lost: sum("appends") - (lines() - before) };
}

export const appending: Group = { name: "issue appends", measure: measureAppends };
