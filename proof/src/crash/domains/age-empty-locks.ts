import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";

/** As if ten minutes had passed for lock directories that name nobody: those are broken by age only, all others by who is dead. */
export function ageEmptyLocks(directory: string): void {
  const longAgo = new Date(Date.now() - 600_000);
  for (const each of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(each.parentPath, each.name);
    if (each.isDirectory() && each.name.endsWith(".lock") && readdirSync(path).length === 0)
      utimesSync(path, longAgo, longAgo);
  }
}
