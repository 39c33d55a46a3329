// node scripts/touch-session.mjs <developer> <task>
import { join } from "node:path";
import { readJson, writeJson } from "./legacy-io.mjs";

export function touchSession(root, developer, task) {
  const path = join(root, ".flowforge/sessions.json");
  const sessions = readJson(path, {});
  sessions[developer] = [...(sessions[developer] ?? []), task];
  writeJson(path, sessions);
}

if (process.argv[1] === import.meta.filename) touchSession(process.cwd(), process.argv[2], process.argv[3]);
