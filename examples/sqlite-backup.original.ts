import { copyFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerOfIdea } from "./side-by-side/idea.ts";

/** What cp, rsync and tar do: copy the file as it is at that moment, in the middle of whatever is being written. */
export async function original(directory: string, { id, tell }: WorkerOfIdea): Promise<void> {
  const { openLedger } = await import("./sqlite-backup.ledger.ts");
  const path = join(directory, "app.db");
  if (id > 0) {
    const ledger = openLedger(path);
    for (let turn = 0; turn < 60; turn += 1) ledger.moveEverything();
    return ledger.close();
  }
  for (let copy = 0; copy < 20; copy += 1) {
    copyFileSync(path, join(directory, `backup-${copy}.db`));
    tell(`backup-${copy}.db`);
  }
}
