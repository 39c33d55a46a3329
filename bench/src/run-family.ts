import { availableParallelism } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { families } from "./families/families.ts";
import { withLimits } from "./limits.ts";
import type { BenchContext, Group } from "./measure/bench-context.ts";
import { MissingHereError, removeBaselines } from "./measure/baselines.ts";
import { compare, type Comparison } from "./measure/comparison.ts";
import { endLeftovers } from "./measure/line-program.ts";
import { currentLoad, describeMachine } from "./measure/machine.ts";
import type { Provenance } from "./measure/provenance.ts";
import type { Report } from "./measure/report.ts";
import { watchOthers } from "./measure/others.ts";
import { unmeasured, type Row } from "./measure/row.ts";
import { removeScratch, scratchDirectory } from "./measure/scratch.ts";
import { whyUndecided, withhold } from "./measure/verdicts.ts";
import { commitOf, versions } from "./measure/versions.ts";

export interface FamilyOptions {
  readonly quick: boolean;
  /** Only the groups whose name contains this. */
  readonly only?: string | undefined;
  readonly seed: number;
  readonly say: (text: string) => void;
}

/** Measures a family. What this machine lacks makes a skipped row, what breaks a missed one; nothing throws. */
export async function runFamily(family: string, options: FamilyOptions): Promise<Report> {
  const { quick, only = "", seed, say } = options;
  const wanted = (families.get(family) ?? []).filter(({ name }) => name.includes(only));
  const directory = benchDirectory();
  const loadBefore = currentLoad();
  const watched = watchOthers();
  const run = {
    command: `npm run bench -- ${family}${quick ? " --quick" : ""}${only === "" ? "" : ` --only "${only}"`}`,
    commit: commitOf(), // of what runs: later somebody may have changed the files
    date: new Date().toISOString().slice(0, 10),
    seed,
  };
  const rows: Row[] = [];
  const comparisons: Comparison[] = [];
  const groups: Provenance[] = [];
  try {
    const file = (name: string): string => join(directory, name);
    for (const group of wanted) {
      const show: BenchContext["show"] = (measured) =>
        comparisons.push({ group: group.name, ...compare(measured) });
      const judged = await judgeGroup(group, { directory, quick, say, seed, show, file });
      rows.push(...judged.rows);
      groups.push({ group: group.name, ...run, ...judged.circumstances });
    }
    return {
      family,
      quick,
      ...run,
      machine: describeMachine(directory, loadBefore, watched()),
      versions: versions(),
      groups,
      rows: withLimits(family, rows),
      comparisons,
    };
  } finally {
    removeScratch(directory);
    removeBaselines();
  }
}

interface Judged {
  readonly rows: readonly Row[];
  readonly circumstances: Pick<Provenance, "othersShare" | "loadBefore" | "loadAfter">;
}

/** Whether others left the processors alone is asked for each group: a family takes many minutes. */
async function judgeGroup(group: Group, context: BenchContext): Promise<Judged> {
  const loadBefore = currentLoad();
  const watched = watchOthers();
  const rows = await measureGroup(group, context);
  const othersShare = watched();
  const reason = whyUndecided({
    quick: context.quick,
    cores: availableParallelism(),
    othersShare,
    loadBefore,
  });
  if (reason !== undefined && !context.quick) context.say(`${group.name} UNDECIDED: ${reason}`);
  return {
    rows: withhold(rows, reason).map((row) => ({ group: group.name, ...row })),
    circumstances: { othersShare: othersShare ?? null, loadBefore, loadAfter: currentLoad() },
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

/** On the disk of this checkout, not in a temporary directory that may be memory. FLOCKWORK_BENCH_DIR names another. */
function benchDirectory(): string {
  const parent = process.env["FLOCKWORK_BENCH_DIR"] ?? fileURLToPath(new URL("../build", import.meta.url));
  return scratchDirectory(parent, "run");
}
