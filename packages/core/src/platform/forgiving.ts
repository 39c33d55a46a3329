/** Steps that may have been taken already, or whose failure does no harm. */
import { osCodeOf } from "../os-error.ts";
import { files } from "./file-system.ts";

/** Removes a file. Throws the system's error, unless nothing is there. */
export function removeIfThere(path: string): void {
  try {
    files.unlinkSync(path);
  } catch (error) {
    if (osCodeOf(error) !== "ENOENT") throw error;
  }
}

/** Does what nothing depends on: its failure is nobody's. */
export function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // Nothing depends on it.
  }
}
