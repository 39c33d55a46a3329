import { basename, dirname, join } from "node:path";
import { files } from "../platform/file-system.ts";
import { gastownLegs, type LegPlan, type LockLayout } from "./lock-layout.ts";

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
    const [own, theirs] = gastownLegs(target);
    const sqliteEra =
      basename(target) === "issues.jsonl" && files.statSync(join(directory, "beads.db")) !== undefined;
    if (!sqliteEra) return { legs: [own, theirs] };
    // bd looks at `.exclusive-lock` before it tries `.sync.lock`, and never waits for that one.
    const exclusive: LegPlan = {
      kind: "json-file",
      path: join(directory, ".exclusive-lock"),
      file: target,
      heartbeatMs: Infinity,
      staleMs: Infinity,
      format: "beads",
    };
    const sync: LegPlan = { kind: "flock", path: join(directory, ".sync.lock"), fileMode: 0o644 };
    const jsonl: LegPlan = { kind: "flock", path: join(directory, ".jsonl.lock") };
    return { legs: [own, exclusive, sync, theirs, jsonl] };
  },
};
