// node scripts/log-event.mjs <text>
import { join } from "node:path";
import { appendJsonlSync } from "@flockwork/core";

export function logEvent(root, text) {
  appendJsonlSync(join(root, ".flowforge/events.jsonl"), { text }, { layout: "flowforge" });
}

if (process.argv[1] === import.meta.filename) logEvent(process.cwd(), process.argv[2]);
