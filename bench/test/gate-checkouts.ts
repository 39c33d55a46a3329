/** Checkouts that differ from this one in one place, and the command that compares them. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect } from "vitest";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** Where the comparisons of a test file work. */
export const build: string = mkdtempSync(join(tmpdir(), "gate-"));
const directories: string[] = [];

afterAll(() => rmSync(build, { recursive: true }));

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** What a file of the packages has once. */
export interface Place {
  readonly file: string;
  readonly text: string;
}

export const inSyncLock: Place = {
  file: "core/src/lock/with-lock.ts",
  text: 'return withLockSync(path, "exclusive", work, options);',
};

/** A checkout that has something else in one place. */
export function plant({ file, text }: Place, edit: (text: string) => string): string {
  const directory = mkdtempSync(join(tmpdir(), "planted-"));
  directories.push(directory);
  cpSync(join(root, "rolldown.config.js"), join(directory, "rolldown.config.js"));
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"));
  for (const name of ["beads", "core", "flock", "queue", "registry", "tasks", "time-tracking"]) {
    const [from, to] = [join(root, "packages", name), join(directory, "packages", name)];
    cpSync(join(from, "src"), join(to, "src"), { recursive: true });
    cpSync(join(from, "package.json"), join(to, "package.json"));
    symlinkSync(join(from, "node_modules"), join(to, "node_modules"));
  }
  cpSync(join(root, "packages/flock/native"), join(directory, "packages/flock/native"), { recursive: true });
  const path = join(directory, "packages", file);
  const before = readFileSync(path, "utf8");
  expect(before.split(text)).toHaveLength(2);
  writeFileSync(
    path,
    before.replace(text, () => edit(text)),
  );
  return directory;
}

/** @returns An edit that has more done, right before. */
export function before(more: string): (text: string) => string {
  return (text) => `${more} ${text}`;
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function compare(...args: readonly string[]): Outcome {
  return compareWith({}, ...args);
}

export function compareWith(
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Outcome {
  const command = ["--conditions=@flockwork/source", join(root, "bench/src/main.ts"), "compare", ...args];
  const env = { ...process.env, FLOCKWORK_BENCH_DIR: build, ...environment };
  return spawnSync(process.execPath, command, { encoding: "utf8", timeout: 300_000, env });
}
