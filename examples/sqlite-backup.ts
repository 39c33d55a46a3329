// A guarded backup of SQLite: two programs write to a database, a third copies its file, and every copy is a whole one.
//   ./dev node --conditions=@flockwork/source examples/sqlite-backup.ts [--race]
// SQLite keeps its own users apart. Programs that copy the file know nothing of that; the lock beside it is for them, too:
//   flockwork exec app.db -- cp app.db backup.db
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile, withReadLock, withWriteLock } from "@flockwork/core";
import { sideBySide } from "./side-by-side/side-by-side.ts";
import { original } from "./sqlite-backup.original.ts";

await sideBySide({
  file: import.meta.filename,
  async prepare(directory) {
    const { createLedger } = await import("./sqlite-backup.ledger.ts");
    createLedger(join(directory, "app.db"));
  },
  original,
  async flockwork(directory, { id, tell }) {
    const { openLedger } = await import("./sqlite-backup.ledger.ts");
    const path = join(directory, "app.db");
    if (id > 0) {
      const ledger = openLedger(path);
      // Shared: those who use SQLite need only keep out those who do not.
      for (let turn = 0; turn < 60; turn += 1) await withReadLock(path, () => ledger.moveEverything());
      return ledger.close();
    }
    for (let copy = 0; copy < 20; copy += 1) {
      const content = await withWriteLock(path, () => readFileSync(path)); // nobody is in the middle of a transaction
      await replaceFile(join(directory, `backup-${copy}.db`), content); // and nobody sees half a backup
      tell(`backup-${copy}.db`);
    }
  },
  async faults(directory, told) {
    const { faultOf } = await import("./sqlite-backup.ledger.ts");
    return told.flatMap((name) => {
      const fault = faultOf(join(directory, name));
      return fault === undefined ? [] : [`${name}: ${fault}`];
    });
  },
});
