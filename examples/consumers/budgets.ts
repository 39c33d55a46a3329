import { gzipSync } from "node:zlib";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Kilobytes (1000 bytes) that each package's JavaScript may take, gzipped as one, comments included, as it is published. Raise one on purpose only. */
const budgets: Readonly<Record<string, number>> = {
  beads: 80,
  cli: 32,
  core: 165,
  flock: 10,
  otel: 5,
  queue: 50,
  registry: 30,
  tasks: 70,
  "time-tracking": 65,
};

/** One line for each installed package, and what is over its budget. */
export function weigh(modules: string): { readonly lines: string[]; readonly faults: string[] } {
  const weights = Object.entries(budgets).map(([name, budget]) => {
    const directory = join(modules, "@flockwork", name, "dist");
    const sources = globSync("**/*.js", { cwd: directory }).toSorted();
    const text = sources.map((source) => readFileSync(join(directory, source), "utf8")).join("\n");
    return { name, budget, kB: gzipSync(text).length / 1_000 };
  });
  return {
    lines: weights.map(
      ({ name, budget, kB }) => `${name.padEnd(14)} ${kB.toFixed(1).padStart(6)} kB of ${budget}`,
    ),
    faults: weights
      .filter(({ budget, kB }) => kB > budget)
      .map(({ name, budget, kB }) => `${name} takes ${kB.toFixed(1)} kB, its budget is ${budget} kB`),
  };
}
