// node scripts/log-event.mjs <text>
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function logEvent(root, text) {
  const path = join(root, ".flowforge/events.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  lines.push(JSON.stringify({ text }));
  writeFileSync(path, `${lines.slice(-10_000).join("\n")}\n`); // keep the last ones
}

if (process.argv[1] === import.meta.filename) logEvent(process.cwd(), process.argv[2]);
