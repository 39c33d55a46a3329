import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A directory of the calling test file, removed after its last test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-flock-"));
  afterAll(() => rmSync(directory, { recursive: true }));
  return directory;
}
