// node scripts/touch-session.mjs <developer> <task>
import { join } from "node:path";
import { updateJsonSync } from "@flockwork/core/fs";

export function touchSession(root, developer, task) {
  const path = join(root, ".flowforge/sessions.json");
  const change = (sessions) => void (sessions[developer] = [...(sessions[developer] ?? []), task]);
  updateJsonSync(path, change, { layout: "flowforge", defaults: () => ({}) });
}

if (process.argv[1] === import.meta.filename) touchSession(process.cwd(), process.argv[2], process.argv[3]);
