import { basename, dirname, join } from "node:path";
import { files } from "../platform/file-system.ts";
import type { FlockLegPlan, LegPlan, LockLayout } from "./lock-layout.ts";

/**
 * beads: which locks its tools honour depends on the era of the repository, told by what lies beside the file.
 *
 * Always Gas Town's lock on the file. With a SQLite database (`beads.db`, bd up to 0.50) also `.sync.lock`, the
 * `.exclusive-lock` that its daemon honours, and `.jsonl.lock`. Nothing in the Dolt era (bd 0.51 and later) locks the export.
 */
export const beads: LockLayout = {
  name: "beads",
  dynamic: true,
  locate(target) {
    const directory = dirname(target);
    const own: FlockLegPlan = {
      kind: "flock",
      path: join(directory, ".gastown", "locks", `${basename(target)}.lock`),
      fileMode: 0o644,
      createDirectory: true,
      contents: "pid",
    };
    const sqliteEra =
      basename(target) === "issues.jsonl" && files.statSync(join(directory, "beads.db")) !== undefined;
    if (!sqliteEra) return { legs: [own] };
    const rest: LegPlan[] = [
      {
        kind: "json-file",
        path: join(directory, ".exclusive-lock"),
        file: target,
        heartbeatMs: Infinity,
        staleMs: Infinity,
        format: "beads",
      },
      own,
      { kind: "flock", path: join(directory, ".jsonl.lock") },
    ];
    return { legs: [{ kind: "flock", path: join(directory, ".sync.lock"), fileMode: 0o644 }, ...rest] };
  },
};
