import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** Read, change, write back; and a file that cannot be parsed is taken for an empty one. */
export function original(directory: string, { tell }: WorkerOfIdea): void {
  const path = join(directory, "state.json");
  for (let run = 0; run < 100; run += 1) {
    let state = { runs: 0 };
    try {
      state = JSON.parse(readFileSync(path, "utf8")) as { runs: number };
    } catch {} // somebody is writing it at this moment: all runs so far are gone
    state.runs += 1;
    writeFileSync(path, JSON.stringify(state));
    tell("run");
  }
}
