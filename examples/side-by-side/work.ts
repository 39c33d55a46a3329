import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Idea, WorkerOfIdea } from "./idea.ts";

/** What one forked process of an example does: it waits for the word, works, and ends. */
export async function work(idea: Idea, options: readonly string[]): Promise<void> {
  const [side, directory = "", toldDirectory = "", id = ""] = options;
  const told = join(toldDirectory, id);
  const worker: WorkerOfIdea = {
    id: Number(id),
    tell: (what) => appendFileSync(told, `${what}\n`), // nobody else writes this file
    die: () => {
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => {});
    },
  };
  const started = once(process, "message");
  process.send?.("ready");
  await started;
  await (side === "original" ? idea.original : idea.flockwork)(directory, worker);
  process.disconnect();
}
