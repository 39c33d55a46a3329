import { basename, dirname, join } from "node:path";
import { quarantineName } from "../atomic/quarantine.ts";
import { stagedNameTest } from "../atomic/staged-name.ts";
import { files } from "../platform/file-system.ts";

/**
 * Moves what an interrupted commit had staged for a file to `<file>.conflict-<UTC time>-<8 hex>`, and says so in a process
 * warning with the code `FLOCKWORK_CONFLICT`. The file itself stays as it is. Throws the system's error.
 */
export function setAside(targetPath: string, stagedPath: string, why: string): void {
  const kept = join(dirname(targetPath), quarantineName(basename(targetPath), "conflict"));
  files.renameSync(stagedPath, kept);
  process.emitWarning(
    `${targetPath} stays as it is: ${why}. What the transact was to make of it is kept in ${kept}.`,
    {
      code: "FLOCKWORK_CONFLICT",
    },
  );
}

/** The same for everything that is staged for a file: under its exclusive lock nobody else's is. */
export function setStagedAside(targetPath: string, why: string): void {
  const directory = dirname(targetPath);
  const isStaged = stagedNameTest(basename(targetPath));
  for (const name of files.readdirSync(directory)) {
    if (isStaged(name)) setAside(targetPath, join(directory, name), why);
  }
}
