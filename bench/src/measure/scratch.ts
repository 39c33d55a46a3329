/**
 * What is only there while a bench runs: directories, of generated files and of compiled programs, and the programs it started. They go
 * when it ends, by a signal too; what one left that was killed goes when the next one starts.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { killPrograms } from "./line-program.ts";
import { usableDirectory } from "./usable-path.ts";

const directories = new Set<string>();

/** On the disk of this checkout, not in a temporary directory that may be memory. FLOCKWORK_BENCH_DIR names another place. */
export function scratchParent(): string {
  const named = process.env["FLOCKWORK_BENCH_DIR"];
  // Programs that are started in other directories are told of it.
  return named ? resolve(named) : fileURLToPath(new URL("../../build", import.meta.url));
}

/**
 * An empty directory below this one, which is made where it is missing. Those of processes that are no more are removed.
 *
 * @throws {UnusablePathError} there can be none.
 */
export function scratchDirectory(parent: string, name: string): string {
  usableDirectory(parent);
  sweep(parent, name);
  const directory = mkdtempSync(join(parent, `${name}-${process.pid}-`));
  directories.add(directory);
  return directory;
}

export function removeScratch(directory: string): void {
  directories.delete(directory);
  remove(directory);
}

/** Installs what removes them all, whatever ends this process but SIGKILL. */
export function cleanUpAtEnd(): void {
  process.once("exit", () => {
    killPrograms();
    for (const directory of directories) remove(directory);
  });
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(signal, () => process.exit(code));
}

/** A program that was just killed may still add a file while they are removed. */
function remove(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}

function sweep(parent: string, name: string): void {
  for (const entry of readdirSync(parent)) {
    const [, whose, pid] = /^(.+)-(\d+)-\w{6}$/.exec(entry) ?? [];
    if (whose === name && !isRunning(Number(pid))) remove(join(parent, entry));
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
