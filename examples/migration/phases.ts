import { copyFileSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** One step of the migration: which scripts have changed so far. The others are as they were. */
export interface Phase {
  readonly name: string;
  readonly changed: readonly string[];
  /** What every other script uses still; gone in the last phase. */
  readonly legacy: boolean;
}

const critical = ["track-time.mjs", "bill.mjs"];
const providers = [...critical, "set-status.mjs"];
const all = [...providers, "touch-session.mjs", "log-event.mjs"];

export const phases: readonly Phase[] = [
  { name: "0  as it was", changed: [], legacy: true },
  { name: "1  critical paths", changed: critical, legacy: true },
  { name: "2  provider operations", changed: providers, legacy: true },
  { name: "3  all file operations", changed: all, legacy: true },
  { name: "4  legacy removed", changed: all, legacy: false },
];

/** Puts the scripts of a phase, and the packages they import, into `<directory>/scripts`. */
export function install({ changed, legacy }: Phase, directory: string): void {
  mkdirSync(join(directory, "scripts"));
  mkdirSync(join(directory, ".flowforge"));
  symlinkSync(join(import.meta.dirname, "../node_modules"), join(directory, "node_modules"));
  for (const name of [...all, ...(legacy ? ["legacy-io.mjs"] : [])])
    copyFileSync(
      join(import.meta.dirname, changed.includes(name) ? "after" : "before", name),
      join(directory, "scripts", name),
    );
}
