import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Works in a new directory, which is removed at the end. */
export async function inFreshDirectory<T>(root: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(root, "kill-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
