import { statSync } from "node:fs";
import { basename } from "node:path";
import type { Weight } from "./weigh.ts";

interface Budget {
  /** What the entry loads, its dependencies included: kB (1000 bytes) of code without comments, gzipped as one. */
  readonly loads: number;
  readonly why: string;
}

/** Raise one on purpose only, and say why here and in docs/sizes.md. */
export const budgets: Readonly<Record<string, Budget>> = {
  "@flockwork/flock": {
    loads: 5.5,
    why: "five ways to one system call, and the checks of what they are handed",
  },
  "@flockwork/core/fs": {
    loads: 75,
    why: "locks with the layouts of five neighbours, staged files, JSON; no stores",
  },
  "@flockwork/core": {
    loads: 120,
    why: "the above, logs, leases, stores and commits of several files; immer",
  },
  "@flockwork/registry": { loads: 137, why: "core, and 17 kB of its own" },
  "@flockwork/tasks": {
    loads: 138,
    why: "core, and what the index of jit needs; the other formats load when asked for",
  },
  "@flockwork/tasks/flowforge": { loads: 138, why: "core, and the documents of FlowForge" },
  "@flockwork/tasks/todo2": { loads: 138, why: "core, and the documents of exarp" },
  "@flockwork/queue": { loads: 151, why: "core, and 30 kB of its own" },
  "@flockwork/time-tracking": {
    loads: 165,
    why: "core, and 44 kB of its own: entries, rounding, invoices, seals",
  },
  "@flockwork/beads": {
    loads: 275,
    why: "core, 36 kB of its own, and zod (112 kB), which checks what bd wrote",
  },
  "@flockwork/otel/prometheus": { loads: 121, why: "core, and the page" },
  "node_modules/@flockwork/cli/dist/main.js": {
    loads: 134,
    why: "core and the command line; stores and the parser load with their command",
  },
};

/** kB of each tarball: sources, declarations and source maps lie in it too, so that editors lead to the code. */
export const tarballs: Readonly<Record<string, number>> = {
  beads: 196,
  cli: 132,
  core: 570,
  flock: 400, // 57 on one system; up to 57 more for each of the six binaries of a release
  otel: 17,
  queue: 163,
  registry: 107,
  tasks: 272,
  "time-tracking": 227,
};

/** One line for each entry, and what is over its budget. */
export function judgeEntries(weights: readonly Weight[]): {
  readonly lines: string[];
  readonly faults: string[];
} {
  const total = ({ own, others }: Weight): number => own + others;
  return {
    lines: weights.map(
      (weight) =>
        `${weight.entry.padEnd(42)} ${String(weight.files).padStart(4)} files ${total(weight).toFixed(1).padStart(6)} kB of ${budgets[weight.entry]?.loads ?? 0}, ${weight.others.toFixed(1)} of it by others; minified ${weight.minified.toFixed(1)}`,
    ),
    faults: weights
      .filter((weight) => total(weight) > (budgets[weight.entry]?.loads ?? 0))
      .map(
        (weight) =>
          `${weight.entry} loads ${total(weight).toFixed(1)} kB, its budget is ${budgets[weight.entry]?.loads ?? 0} kB`,
      ),
  };
}

/** Tarballs over their budgets, and packages without one. */
export function judgeTarballs(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const name = /^flockwork-(.+)-\d+\.\d+\.\d+/.exec(basename(path))?.[1] ?? "";
    const [kB, budget] = [statSync(path).size / 1_000, tarballs[name] ?? 0];
    return kB > budget ? [`the tarball of ${name} has ${kB.toFixed(1)} kB, its budget is ${budget} kB`] : [];
  });
}
