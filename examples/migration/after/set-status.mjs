// node scripts/set-status.mjs <task> <status>
import { join } from "node:path";
import { updateJsonSync } from "@flockwork/core/fs";

export function setStatus(root, id, status) {
  const path = join(root, ".flowforge/tasks.json");
  const change = (list) => {
    const task = list.tasks.find((one) => one.id === id);
    if (task === undefined) list.tasks.push({ id, status });
    else task.status = status;
  };
  updateJsonSync(path, change, { layout: "flowforge", defaults: () => ({ tasks: [] }) });
}

if (process.argv[1] === import.meta.filename) setStatus(process.cwd(), process.argv[2], process.argv[3]);
