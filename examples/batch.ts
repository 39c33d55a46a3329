// A batch: several changes of one file, all or none, although one of the three processes is killed in the middle of its own.
//   ./dev node --conditions=@flockwork/source examples/batch.ts [--race]
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonDocument } from "@flockwork/core";
import { original } from "./batch.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

const tasks = ["design", "build", "ship"];

await sideBySide({
  file: import.meta.filename,
  prepare(directory) {
    writeFileSync(join(directory, "tasks.json"), '{"design":0,"build":0,"ship":0}');
  },
  original,
  async flockwork(directory, { id, tell, die }) {
    const done = jsonDocument<Record<string, number>>(join(directory, "tasks.json"));
    for (let batch = 0; batch < 40; batch += 1) {
      await done.update((draft) => {
        for (const task of tasks) {
          if (id === 0 && batch === 20 && task === "ship") void die(); // the lock is free, the file is as it was
          draft[task] = (draft[task] ?? 0) + 1;
        }
      });
      tell("batch");
    }
  },
  faults(directory, told) {
    let done: Record<string, number> = {};
    try {
      done = JSON.parse(readFileSync(join(directory, "tasks.json"), "utf8")) as typeof done;
    } catch {
      return ["tasks.json cannot be parsed any more"];
    }
    const [counts, expected] = [tasks.map((task) => done[task] ?? 0), told.length];
    const parts = new Set(counts).size === 1 ? [] : [`a batch was done in part: ${counts.join(", ")}`];
    const missing = tasks.map((task) => expected - (done[task] ?? 0)).filter((lost) => lost > 0);
    return [...parts, ...missing.map((lost) => `${lost} of ${expected} changes are gone`)];
  },
});
