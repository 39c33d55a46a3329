import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { hasProgram } from "../src/gate/counts.ts";
import { isSlower } from "../src/gate/time-ratio.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directories: string[] = [];
const build = mkdtempSync(join(tmpdir(), "gate-"));

afterAll(() => rmSync(build, { recursive: true }));

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** A checkout whose synchronous lock does something more. */
function plant(body: string): string {
  const directory = mkdtempSync(join(tmpdir(), "planted-"));
  directories.push(directory);
  for (const part of ["core/src", "core/package.json", "flock/src", "flock/native", "flock/package.json"])
    cpSync(join(root, "packages", part), join(directory, "packages", part), { recursive: true });
  const path = join(directory, "packages/core/src/lock/with-lock.ts");
  const text = readFileSync(path, "utf8");
  const call = 'return withLockSync(path, "exclusive", work, options);';
  expect(text).toContain(call);
  writeFileSync(path, text.replace(call, `${body} ${call}`));
  return directory;
}

function compare(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ["--conditions=@flockwork/source", join(root, "bench/src/main.ts"), "compare", ...args];
  const env = { ...process.env, FLOCKWORK_BENCH_DIR: build };
  return spawnSync(process.execPath, command, { encoding: "utf8", timeout: 100_000, env });
}

const quick = ["--quick", "--only", "lock, sync"];

describe("npm run bench -- compare", () => {
  test("a planted slowdown is red, by the ratio of times", () => {
    const slow = plant("for (let at = 0, sum = 0; at < 5_000; at += 1) sum += Math.sqrt(at + sum);");
    const { status, stdout } = compare(root, slow, ...quick, "--measure", "time");
    expect(stdout).toMatch(/\| lock, sync \|.*SLOWER: time/);
    expect(stdout).toMatch(/0 no slower, 1 slower\n$/);
    expect(status).toBe(1);
  });

  test.runIf(hasProgram("strace"))("one more system call is red, without any clock", () => {
    const slow = plant("process.cwd(); process.chdir(process.cwd());");
    const { status, stdout } = compare(root, slow, ...quick, "--measure", "calls");
    expect(stdout).toMatch(/\| lock, sync \|.*SLOWER: calls/);
    expect(status).toBe(1);
  });

  test.runIf(hasProgram("strace"))("no change is green, and nothing stays behind", () => {
    const { status, stdout, stderr } = compare(
      root,
      plant(""),
      ...quick,
      "--threshold",
      "2",
      "--measure",
      "time,calls",
    );
    expect(stderr).not.toContain("Error");
    expect(stdout).toMatch(/1 no slower, 0 slower\n$/);
    expect(status).toBe(0);
    expect(readdirSync(build)).toEqual([]);
  });

  test("refuses a commit that is none, and an option it does not know", () => {
    expect(compare("no-such-commit", ...quick).status).not.toBe(0);
    expect(compare("HEAD", "--fast")).toMatchObject({ status: 2 });
    expect(compare().stderr).toContain("usage: npm run bench -- compare");
  });
});

test("a ratio that no more than the noise of the first one explains is no slowdown", () => {
  expect(isSlower({ median: 1.4, lowerQuartile: 1.05, noise: 1.3 }, 1.1)).toBe(false);
  expect(isSlower({ median: 1.4, lowerQuartile: 1.35, noise: 1.3 }, 1.1)).toBe(true);
  expect(isSlower({ median: 1.05, lowerQuartile: 1.04, noise: 1.01 }, 1.1)).toBe(false);
});
