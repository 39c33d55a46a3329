import type { StoreCase } from "./case.ts";
import { allCases } from "./cases/all-cases.ts";
import type { Store } from "./core.ts";
import { fileFactory } from "./file-stores.ts";
import { fileNemesis } from "./file-nemesis.ts";
import { memoryFactory, memoryNemesis } from "./memory-stores.ts";
import type { Mutant, SharedState } from "./mutants/mutant.ts";
import { wrap } from "./mutants/wrap.ts";
import { runConformance, type ConformanceReport } from "./run-conformance.ts";
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

/** Runs the suite against a broken store until a case notices; those of the broken promise first. */
export async function trap(mutant: Mutant, timeoutMs = 2_500): Promise<Trapped> {
  const cases = inOrderOf(mutant.breaks, mutant.files === true);
  const { outcomes } = await runMutant(mutant, { cases, timeoutMs, untilFailure: true });
  const caught = outcomes.find(({ outcome }) => outcome === "failed");
  const why = caught?.why?.split("\n")[0] ?? "";
  return {
    mutant: mutant.name,
    caughtBy: caught && `${caught.promise}: ${caught.name}`,
    why,
    casesRun: outcomes.length,
  };
}

/** Wrapping alone must break nothing, or every mutant is caught for being wrapped. */
export function runControl(files: boolean): Promise<ConformanceReport> {
  const control = {
    name: "nothing is broken",
    breaks: "L1",
    files,
    break: (store: Store) => wrap(store, {}),
  } as const;
  return runMutant(control, { cases: inOrderOf("L1", files), timeoutMs: 30_000 });
}

function runMutant(
  mutant: Mutant,
  options: {
    readonly cases: readonly StoreCase[];
    readonly timeoutMs: number;
    readonly untilFailure?: boolean;
  },
): Promise<ConformanceReport> {
  const nemesis = mutant.files === true ? fileNemesis : memoryNemesis;
  return runConformance(mutant.name, factoryOf(mutant), nemesis, options);
}

/** Other processes would open the store unbroken: cases that need them are left out. */
function inOrderOf(breaks: string, files: boolean): readonly StoreCase[] {
  const cases = allCases.filter(
    ({ needs = [] }) => !needs.includes("peer") && (files || !needs.includes("bytes")),
  );
  return [
    ...cases.filter(({ promise }) => promise === breaks),
    ...cases.filter(({ promise }) => promise !== breaks),
  ];
}

function factoryOf({ files, break: breakStore }: Mutant): StoreFactory {
  if (files !== true) return memoryFactory(breakStore);
  return fileFactory((store, bytes) => {
    const shared: SharedState = new Map([["write", (name: string, text: string) => bytes.write(name, text)]]);
    return breakStore(store, shared);
  });
}
