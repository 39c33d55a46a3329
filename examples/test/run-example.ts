import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

export const examples: string = join(import.meta.dirname, "..");
export const run = promisify(execFile);

/** The files that are examples themselves: not what lies beside them as `<example>.original.ts`, nor what `npm start` runs. */
export const names: readonly string[] = readdirSync(examples).filter(
  (name) => /^[\w-]+\.ts$/.test(name) && name !== "race.ts",
);

/** Those that can race against the original. */
export const races: readonly string[] = names.filter((name) =>
  readFileSync(join(examples, name), "utf8").includes("[--race]"),
);

/** A directory for the temporary files of each test's examples. */
export function useTemporaryFiles(): () => string {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "flockwork-examples-test-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  return () => directory;
}

export function environment(directory: string): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: directory };
}

export function nodeArguments(name: string, options: readonly string[]): string[] {
  return [
    "--conditions=@flockwork/source",
    "--disable-warning=ExperimentalWarning",
    join(examples, name),
    ...options,
  ];
}

/** Runs an example from source; its temporary files go to the directory. Rejects unless it exits with 0. */
export function runExample(
  directory: string,
  name: string,
  ...options: string[]
): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, nodeArguments(name, options), { env: environment(directory) });
}

/** One test for each of the examples: its original loses, Flockwork does not. */
export function testRaces(chosen: readonly string[]): void {
  const directory = useTemporaryFiles();
  test.each(chosen)("%s --race: the original loses, Flockwork does not", async (name) => {
    const { stdout, stderr } = await runExample(directory(), name, "--race");
    expect(stdout).toContain("proof: ");
    expect(stderr).toBe("");
    expect(readdirSync(directory())).toEqual([]);
  });
}
