// node scripts/set-status.mjs <task> <status>
import { join } from "node:path";
import { readJson, writeJson } from "./legacy-io.mjs";

export function setStatus(root, id, status) {
  const path = join(root, ".flowforge/tasks.json");
  const list = readJson(path, { tasks: [] });
  const task = list.tasks.find((one) => one.id === id);
  if (task === undefined) list.tasks.push({ id, status });
  else task.status = status;
  writeJson(path, list);
}

if (process.argv[1] === import.meta.filename) setStatus(process.cwd(), process.argv[2], process.argv[3]);
