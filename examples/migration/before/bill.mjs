// node scripts/bill.mjs
import { join } from "node:path";
import { readJson, writeJson } from "./legacy-io.mjs";

export function bill(root) {
  const path = join(root, ".flowforge/time.json");
  const time = readJson(path, { sessions: [], bills: [] });
  const open = time.sessions.filter(({ billed }) => !billed);
  for (const session of open) session.billed = true;
  if (open.length > 0) time.bills.push({ hours: open.reduce((sum, { hours }) => sum + hours, 0) });
  writeJson(path, time);
}

if (process.argv[1] === import.meta.filename) bill(process.cwd());
