/** Paths that the command line or the environment names: whether they will do is said before hours of measuring, not after. */
import { mkdirSync, mkdtempSync, rmdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** A path that was named will not do. Nothing was measured, and nothing written. */
export class UnusablePathError extends Error {
  readonly code = "ERR_UNUSABLE_PATH";
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super(`${path} ${problem}`, { cause });
    this.path = path;
  }
}

/**
 * Makes a directory and those above it, where they are missing, and finds out whether files can be made in it.
 *
 * @throws {UnusablePathError} they cannot.
 */
export function usableDirectory(path: string): void {
  try {
    make(resolve(path));
    rmdirSync(mkdtempSync(join(path, "probe-")));
  } catch (error) {
    throw new UnusablePathError(
      path,
      `cannot be written to: ${messageOf(error)}. Name another directory`,
      error,
    );
  }
}

/** Level by level: `recursive` tries for ever below /proc. */
function make(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return;
  if (found !== undefined) throw new Error("it is no directory");
  make(dirname(path));
  mkdirSync(path);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
