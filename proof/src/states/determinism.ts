/** T16: one seed, one run. Whatever goes wrong in a simulated run can be seen again from its seed. */
import type { PartContext } from "../harness/part.ts";
import { simulate, type SimulationOptions } from "./simulation.ts";

export async function determinism(context: PartContext): Promise<void> {
  await simulateSeeds(context, context.long ? 10_000 : 300);
}

export async function simulateSeeds(
  { tally, seed }: PartContext,
  seeds: number,
  options?: SimulationOptions,
): Promise<void> {
  for (const name of ["seeds", "different", "violations", "distinct"]) tally.count(name, 0);
  const hashes = new Set<string>();
  for (let at = 0; at < seeds; at += 1) {
    const each = seed + at;
    const [one, again] = [await simulate(each, options), await simulate(each, options)];
    tally.count("seeds");
    hashes.add(one.hash);
    const line = one.trace.findIndex((text, index) => text !== again.trace[index]);
    if (one.hash !== again.hash) {
      tally.count("different");
      tally.fail(`seed ${each}`, `line ${line}: ${one.trace[line]}, and again: ${again.trace[line]}`);
    } else if (one.violations.length > 0) {
      tally.count("violations");
      tally.fail(`seed ${each}`, one.violations.join("\n"));
    } else tally.pass();
  }
  tally.count("distinct", hashes.size);
}
