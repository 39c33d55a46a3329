import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** The next number is the last one and one; the line and its end are written one after the other. */
export function original(directory: string, { tell }: WorkerOfIdea): void {
  const path = join(directory, "events.jsonl");
  for (let event = 0; event < 100; event += 1) {
    const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
    const number = lines.length + 1; // somebody else counts the same lines now
    appendFileSync(path, JSON.stringify({ number, text: "something happened" }));
    appendFileSync(path, "\n"); // and somebody else's line may be in between
    tell(String(number));
  }
}
