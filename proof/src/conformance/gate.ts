import type { StoreCase } from "./case.ts";
import { allCases } from "./cases/all-cases.ts";
import type { Store } from "./core.ts";
import { fileFactory } from "./file-stores.ts";
import { fileNemesis } from "./file-nemesis.ts";
import { memoryFactory, memoryNemesis } from "./memory-stores.ts";
import type { Mutant, SharedState } from "./mutants/mutant.ts";
import { wrap } from "./mutants/wrap.ts";
import { runConformance, type CaseOutcome, type ConformanceReport } from "./run-conformance.ts";
import type { StoreFactory } from "./subject.ts";

/** What became of a mutant. */
export interface Trapped {
  readonly mutant: string;
  /** The case that noticed, or undefined: the suite is blind to it. */
  readonly caughtBy: string | undefined;
  /** What it said, in one line. */
  readonly why: string;
  readonly casesRun: number;
}

/** Long enough for every case on a busy machine. */
const patientMs = 30_000;

/** What a case is given that is to notice that it is kept waiting: most take a few milliseconds. */
const hangMs = 2_500;

/**
 * Runs the cases of the broken promise until one notices. One that does not end has noticed only where that is what the store
 * is broken for, and where the same case, right after, is soon over with nothing broken: else it is the machine that is slow.
 */
export async function trap(
  mutant: Mutant,
  timeoutMs = mutant.hangs === true ? hangMs : patientMs,
): Promise<Trapped> {
  const files = mutant.files === true;
  const cases = casesOf(files).filter(({ promise }) => promise === mutant.breaks);
  for (const [at, each] of cases.entries()) {
    const outcome = await runOne(mutant, each, timeoutMs);
    if (outcome?.outcome !== "failed") continue;
    if (outcome.hung === true && !(mutant.hangs === true && (await isSoonOver(each, files, timeoutMs))))
      continue;
    const why = outcome.why?.split("\n")[0] ?? "";
    return { mutant: mutant.name, caughtBy: `${each.promise}: ${each.name}`, why, casesRun: at + 1 };
  }
  return { mutant: mutant.name, caughtBy: undefined, why: "", casesRun: cases.length };
}

async function isSoonOver(each: StoreCase, files: boolean, timeoutMs: number): Promise<boolean> {
  return (await runOne(unbroken(files), each, timeoutMs / 2))?.outcome === "passed";
}

async function runOne(mutant: Mutant, each: StoreCase, timeoutMs: number): Promise<CaseOutcome | undefined> {
  return (await runMutant(mutant, { cases: [each], timeoutMs })).outcomes[0];
}

/** Wrapping alone must break nothing, or every mutant is caught for being wrapped. */
export function runControl(files: boolean): Promise<ConformanceReport> {
  return runMutant(unbroken(files), { cases: casesOf(files), timeoutMs: patientMs });
}

function unbroken(files: boolean): Mutant {
  return { name: "nothing is broken", breaks: "L1", files, break: (store: Store) => wrap(store, {}) };
}

function runMutant(
  mutant: Mutant,
  options: { readonly cases: readonly StoreCase[]; readonly timeoutMs: number },
): Promise<ConformanceReport> {
  const nemesis = mutant.files === true ? fileNemesis : memoryNemesis;
  return runConformance(mutant.name, factoryOf(mutant), nemesis, options);
}

/** Other processes would open the store unbroken: cases that need them are left out. */
function casesOf(files: boolean): readonly StoreCase[] {
  return allCases.filter(({ needs = [] }) => !needs.includes("peer") && (files || !needs.includes("bytes")));
}

function factoryOf({ files, break: breakStore }: Mutant): StoreFactory {
  if (files !== true) return memoryFactory(breakStore);
  return fileFactory((store, bytes) => {
    const shared: SharedState = new Map([["write", (name: string, text: string) => bytes.write(name, text)]]);
    return breakStore(store, shared);
  });
}
