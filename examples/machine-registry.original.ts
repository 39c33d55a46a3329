import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** Read all machines, add one, write all machines. The one that somebody else added meanwhile is gone. */
export function original(directory: string, { id, tell }: WorkerOfIdea): void {
  const path = join(directory, "machines.json");
  for (let at = 0; at < 20; at += 1) {
    const text = existsSync(path) ? readFileSync(path, "utf8") : '{"machines":{}}';
    const registry = JSON.parse(text) as { machines: Record<string, object> };
    registry.machines[`machine-${id}-${at}`] = { type: "ssh", host: `me@host-${id}-${at}.example` };
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(registry, null, 2));
    renameSync(`${path}.${process.pid}`, path);
    tell(`machine-${id}-${at}`);
  }
}
