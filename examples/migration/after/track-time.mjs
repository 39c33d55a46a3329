// node scripts/track-time.mjs <task> <hours>
import { join } from "node:path";
import { updateJsonSync } from "@flockwork/core/fs";

export function trackTime(root, task, hours) {
  const path = join(root, ".flowforge/time.json");
  const options = { layout: "flowforge", defaults: () => ({ sessions: [], bills: [] }) };
  updateJsonSync(path, (time) => void time.sessions.push({ task, hours, billed: false }), options);
}

if (process.argv[1] === import.meta.filename)
  trackTime(process.cwd(), process.argv[2], Number(process.argv[3]));
