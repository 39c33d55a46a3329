import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** A lock made in two steps; who has waited for long enough writes a warning, and goes on without it. */
export function original(directory: string, { id, tell }: WorkerOfIdea): void {
  const [path, lock] = [join(directory, "state.json"), join(directory, "state.json.lock")];
  for (let run = 0; run < 20; run += 1) {
    const startedAt = Date.now();
    while (existsSync(lock) && Date.now() - startedAt < 50)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    if (existsSync(lock)) console.error("could not get the lock, going on all the same");
    writeFileSync(lock, String(process.pid)); // somebody else saw that there was none, too
    const { runs } = JSON.parse(readFileSync(path, "utf8")) as { runs: number };
    if (id === 0 && run === 5) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150); // a slow one
    writeFileSync(path, JSON.stringify({ runs: runs + 1 }));
    rmSync(lock, { force: true }); // whosever it is
    tell("run");
  }
}
