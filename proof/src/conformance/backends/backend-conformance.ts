/** The behaviour every backend of locks must show: one contract, each backend in processes of its own, a matrix out. */
import type { PartContext } from "../../harness/part.ts";
import { Program } from "../../harness/program.ts";
import type { Backend } from "./contract.ts";
import type { CaseOutcome } from "./run-contract.ts";

export async function backendConformance(
  { tally, say }: PartContext,
  chosen: readonly Backend[],
): Promise<void> {
  for (const name of ["backends", "cases"]) tally.count(name, 0);
  for (const backend of chosen) {
    const outcomes: CaseOutcome[] = [];
    const env = backend.binding === undefined ? {} : { FLOCKWORK_FLOCK_BINDING: backend.binding };
    const program = Program.node(new URL("run-contract.ts", import.meta.url), [backend.name], {
      env,
      onLine: (line) => outcomes.push(JSON.parse(line) as CaseOutcome),
    });
    const ending = await program.exited;
    tally.count("backends");
    tally.count("cases", outcomes.length);
    const skips = outcomes.filter(({ outcome }) => outcome === "skipped");
    for (const { name, outcome, why = "" } of outcomes) {
      if (outcome === "passed") tally.pass();
      else if (outcome === "failed") tally.fail(`${backend.name}: ${name}`, why);
    }
    for (const [why, count] of countReasons(skips)) tally.skip(backend.name, why, count);
    if (ending.code !== 0 || outcomes.length === 0)
      tally.fail(
        `${backend.name} broke after ${outcomes.length} cases`,
        `${ending.signal ?? ""} ${ending.errors}`,
      );
    say(`${backend.name}: ${outcomes.length - skips.length} cases run, ${skips.length} skipped`);
  }
}

function countReasons(skips: readonly CaseOutcome[]): ReadonlyMap<string, number> {
  const reasons = new Map<string, number>();
  for (const { why = "" } of skips) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  return reasons;
}
