import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { families } from "./families/families.ts";
import type { BenchContext, Group } from "./measure/bench-context.ts";
import { MissingHereError, removeBaselines } from "./measure/baselines.ts";
import { killLeftovers } from "./measure/line-program.ts";
import { currentLoad, describeMachine } from "./measure/machine.ts";
import type { Report } from "./measure/report.ts";
import { unmeasured, type Row } from "./measure/row.ts";

export interface FamilyOptions {
  readonly quick: boolean;
  /** Only the groups whose name contains this. */
  readonly only?: string | undefined;
  readonly say: (text: string) => void;
}

/** Measures a family. What this machine lacks makes a skipped row, what breaks a missed one; nothing throws. */
export async function runFamily(family: string, { quick, only = "", say }: FamilyOptions): Promise<Report> {
  const groups = (families.get(family) ?? []).filter(({ name }) => name.includes(only));
  const directory = benchDirectory();
  const loadBefore = currentLoad();
  const rows: Row[] = [];
  try {
    const context = { directory, quick, say, file: (name: string) => join(directory, name) };
    for (const group of groups) rows.push(...(await measureGroup(group, context)));
    return { family, quick, machine: describeMachine(directory, loadBefore), rows };
  } finally {
    rmSync(directory, { recursive: true, force: true });
    removeBaselines();
  }
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
    killLeftovers();
  }
}

/** On the disk of this checkout, not in a temporary directory that may be memory. FLOCKWORK_BENCH_DIR names another. */
function benchDirectory(): string {
  const parent = process.env["FLOCKWORK_BENCH_DIR"] ?? fileURLToPath(new URL("../build", import.meta.url));
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, "run-"));
}
