import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";

const directories: string[] = [];

/** A new directory, removed after the test; by then nothing staged, no mark and no record may be left in it. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-store-"));
  directories.push(directory);
  return directory;
}

/** Names below a directory that only a commit in progress has. */
export function leftoversIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.(?:staged|intent)$/.test(name),
  );
}

afterEach(() => {
  const left = directories.flatMap(leftoversIn);
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
  expect(left).toEqual([]);
});
