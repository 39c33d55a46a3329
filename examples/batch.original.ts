import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** One task after the other, each with a file rewritten: who looks in between, or dies there, sees half a batch. */
export async function original(directory: string, { id, tell, die }: WorkerOfIdea): Promise<void> {
  const path = join(directory, "tasks.json");
  for (let batch = 0; batch < 40; batch += 1) {
    for (const task of ["design", "build", "ship"]) {
      if (id === 0 && batch === 20 && task === "ship") await die();
      const done = JSON.parse(readFileSync(path, "utf8")) as Record<string, number>;
      done[task] = (done[task] ?? 0) + 1;
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(done));
      renameSync(`${path}.${process.pid}`, path); // nobody reads half a file, but that is all it helps
    }
    tell("batch");
  }
}
