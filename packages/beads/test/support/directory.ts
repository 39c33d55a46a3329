import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** An empty `.beads` directory that is removed when the test ends. */
export function beadsDirectory(): string {
  const root = mkdtempSync(join(tmpdir(), "flockwork-beads-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, ".beads");
  mkdirSync(directory);
  return directory;
}
