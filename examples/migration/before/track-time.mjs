// node scripts/track-time.mjs <task> <hours>
import { join } from "node:path";
import { readJson, writeJson } from "./legacy-io.mjs";

export function trackTime(root, task, hours) {
  const path = join(root, ".flowforge/time.json");
  const time = readJson(path, { sessions: [], bills: [] });
  time.sessions.push({ task, hours, billed: false });
  writeJson(path, time);
}

if (process.argv[1] === import.meta.filename)
  trackTime(process.cwd(), process.argv[2], Number(process.argv[3]));
