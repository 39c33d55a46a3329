import { availableParallelism } from "node:os";
import { join } from "node:path";
import { families } from "./families/families.ts";
import { withLimits } from "./limits.ts";
import type { BenchContext, Group } from "./measure/bench-context.ts";
import { MissingHereError, removeBaselines } from "./measure/baselines.ts";
import { compare, type Comparison, type Measured } from "./measure/comparison.ts";
import { endLeftovers } from "./measure/line-program.ts";
import { currentLoad, describeMachine } from "./measure/machine.ts";
import type { Provenance } from "./measure/provenance.ts";
import type { Report } from "./measure/report.ts";
import { othersShareOf, watchOthers } from "./measure/others.ts";
import { watchRounds } from "./measure/rounds.ts";
import { unmeasured, type Row } from "./measure/row.ts";
import type { ReportKind } from "./measure/merge.ts";
import { removeScratch, scratchDirectory, scratchParent } from "./measure/scratch.ts";
import { usableDirectory } from "./measure/usable-path.ts";
import { decide, mostDisturbed } from "./measure/verdicts.ts";
import { commitOf, versions } from "./measure/versions.ts";

export interface FamilyOptions {
  readonly quick: boolean;
  /** Only the groups whose name contains this. */
  readonly only?: string | undefined;
  readonly seed: number;
  readonly say: (text: string) => void;
  /** Gets a report of each group by itself, as soon as it has ended. */
  readonly ended?: ((report: Report) => void) | undefined;
}

/** What a run has in common with all whose figures may stand beside its own. */
export function kindOfRun(quick: boolean): ReportKind {
  const parent = scratchParent();
  usableDirectory(parent);
  return { quick, machine: describeMachine(parent, currentLoad(), undefined), versions: versions() };
}

/** Measures a family. What this machine lacks makes a skipped row, what breaks a missed one; nothing throws. */
export async function runFamily(family: string, options: FamilyOptions): Promise<Report> {
  const { quick, only = "", seed, say, ended } = options;
  const wanted = (families.get(family) ?? []).filter(({ name }) => name.includes(only));
  const directory = scratchDirectory(scratchParent(), "run");
  const loadBefore = currentLoad();
  const watched = watchOthers();
  const run = {
    command: `npm run bench -- ${family}${quick ? " --quick" : ""}${only === "" ? "" : ` --only "${only}"`}`,
    commit: commitOf(), // of what runs: later somebody may have changed the files
    date: new Date().toISOString().slice(0, 10),
    seed,
  };
  const measured: MeasuredGroup[] = [];
  const reportOf = (groups: readonly MeasuredGroup[]): Report => {
    const rows = groups.flatMap((each) => each.rows);
    const comparisons = groups.flatMap((each) => each.comparisons);
    return {
      family,
      quick,
      ...run,
      machine: describeMachine(directory, loadBefore, othersShareOf([watched()])),
      versions: versions(),
      groups: groups.map(({ of }) => of),
      rows: withLimits(family, rows, comparisons),
      comparisons,
    };
  };
  try {
    const file = (name: string): string => join(directory, name);
    for (const group of wanted) {
      const judged = await judgeGroup(group, { directory, quick, say, seed, file });
      const { rows, comparisons, circumstances } = judged;
      measured.push({ of: { group: group.name, ...run, ...circumstances }, rows, comparisons });
      ended?.(reportOf(measured.slice(-1)));
    }
    return reportOf(measured);
  } finally {
    removeScratch(directory);
    removeBaselines();
  }
}

interface MeasuredGroup {
  readonly of: Provenance;
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
}

interface Judged {
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
  readonly circumstances: Pick<Provenance, "othersShare" | "loadBefore" | "loadAfter" | "disturbances">;
}

/** At most so many rounds for each that was asked for, on a machine that others disturb. */
const mostRounds = 2;

/** Whether others left the processors alone is asked of the rounds that a row rests on: a family takes many minutes, and some of its groups too. */
async function judgeGroup(group: Group, options: Omit<BenchContext, "show">): Promise<Judged> {
  const { quick, say } = options;
  const loadBefore = currentLoad();
  const shown: Measured[] = [];
  const context: BenchContext = { ...options, show: (measured) => shown.push(measured) };
  const watched = watchOthers();
  const watcher = { watch: watchOthers, most: quick ? 1 : mostRounds };
  const { result: rows, disturbances } = await watchRounds(watcher, () => measureGroup(group, context));
  const othersShare = othersShareOf([watched()]) ?? null;
  const ofGroup = mostDisturbed(disturbances) ?? { othersShare, repeated: 0 };
  const machine = { quick, cores: availableParallelism(), loadBefore };
  const judged = rows.map((row) => ({ group: group.name, ...decide(row, ofGroup, machine) }));
  const reasons = quick ? [] : new Set(judged.flatMap(({ undecided }) => undecided ?? []));
  for (const reason of reasons) say(`${group.name} UNDECIDED: ${reason}`);
  return {
    rows: judged,
    comparisons: shown.map((each) => ({ group: group.name, disturbance: ofGroup, ...compare(each) })),
    circumstances: { othersShare, loadBefore, loadAfter: currentLoad(), disturbances },
  };
}

async function measureGroup(group: Group, context: BenchContext): Promise<readonly Row[]> {
  context.say(group.name);
  try {
    return await group.measure(context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const missing = error instanceof MissingHereError;
    context.say(`${group.name} ${missing ? "SKIPPED" : "FAILED"}: ${reason}`);
    return [unmeasured(group.name, missing ? "skipped" : "not met", reason.replaceAll(/\s+/g, " "))];
  } finally {
    await endLeftovers();
  }
}
