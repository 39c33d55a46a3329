// node scripts/bill.mjs
import { join } from "node:path";
import { updateJsonSync } from "@flockwork/core/fs";

export function bill(root) {
  const path = join(root, ".flowforge/time.json");
  const options = { layout: "flowforge", defaults: () => ({ sessions: [], bills: [] }) };
  const sumOpen = (time) => {
    const open = time.sessions.filter(({ billed }) => !billed);
    for (const session of open) session.billed = true;
    if (open.length > 0) time.bills.push({ hours: open.reduce((sum, { hours }) => sum + hours, 0) });
  };
  updateJsonSync(path, sumOpen, options);
}

if (process.argv[1] === import.meta.filename) bill(process.cwd());
