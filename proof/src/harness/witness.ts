import { mkdirSync, rmdirSync } from "node:fs";

/**
 * Proof that nobody else is inside a critical section: creating a directory succeeds for one process only.
 * Throws when someone is inside already. Returns the function that marks the way out.
 */
export function enterAlone(witness: string): () => void {
  try {
    mkdirSync(witness);
  } catch (cause) {
    throw new Error(`two holders at once: ${witness} exists`, { cause });
  }
  return () => rmdirSync(witness);
}
