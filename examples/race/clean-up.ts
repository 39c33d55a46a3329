import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const leftovers = new Set<() => void>();

/** Has `remove` run when this process ends, by itself or by Ctrl-C. Returns the function that takes that back. */
export function atExit(remove: () => void): () => void {
  leftovers.add(remove);
  return () => void leftovers.delete(remove);
}

/** A new directory that is gone when this process ends, or when `remove` is called. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "flockwork-race-"));
  const removeNow = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  const forget = atExit(removeNow);
  return {
    path,
    remove() {
      forget();
      removeNow();
    },
  };
}

/** Installs the handlers; to be called once. */
export function cleanUpOnExit(): void {
  const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.once(signal, () => {
      console.error(`\n${signal}: ending the processes and removing their files.`);
      process.exit(exitCode);
    });
  }
  // Processes were added after the directory they write to, so they are ended before it is removed.
  process.once("exit", () => {
    for (const remove of [...leftovers].toReversed()) remove();
  });
}
