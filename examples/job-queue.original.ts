import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** Take the first line off the file, then do it. Two take the same line; and what a worker that dies had taken, nobody has. */
export async function original(directory: string, { id, tell, die }: WorkerOfIdea): Promise<void> {
  const path = join(directory, "tasks.jsonl");
  for (let done = 0; ; done += 1) {
    const [job, ...rest] = readFileSync(path, "utf8").split("\n").filter(Boolean);
    if (job === undefined) return;
    writeFileSync(`${path}.${process.pid}`, rest.map((line) => `${line}\n`).join(""));
    renameSync(`${path}.${process.pid}`, path);
    if (id === 0 && done === 3) await die();
    tell((JSON.parse(job) as { name: string }).name);
  }
}
