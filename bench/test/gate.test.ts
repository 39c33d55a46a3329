import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { hasProgram } from "../src/measure/has-program.ts";
import { totalOf } from "../src/gate/counts.ts";
import { readCompare } from "../src/gate/read-compare.ts";
import { isSlower } from "../src/gate/time-ratio.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const directories: string[] = [];
const build = mkdtempSync(join(tmpdir(), "gate-"));

afterAll(() => rmSync(build, { recursive: true }));

afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

interface Place {
  readonly file: string;
  /** What it has once. */
  readonly before: string;
}

const inSyncLock: Place = {
  file: "core/src/lock/with-lock.ts",
  before: 'return withLockSync(path, "exclusive", work, options);',
};
const inMachineUpdate: Place = {
  file: "registry/src/machine/machine-registry.ts",
  before: 'if ("name" in patch)',
};

/** A checkout that does something more in one place. */
function plant(body: string, { file, before }: Place = inSyncLock): string {
  const directory = mkdtempSync(join(tmpdir(), "planted-"));
  directories.push(directory);
  const domains = ["beads", "queue", "registry", "tasks", "time-tracking"];
  for (const part of ["core", "flock", ...domains]
    .flatMap((name) => [`${name}/src`, `${name}/package.json`])
    .concat("flock/native"))
    cpSync(join(root, "packages", part), join(directory, "packages", part), { recursive: true });
  const path = join(directory, "packages", file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(before);
  writeFileSync(path, text.replace(before, `${body} ${before}`));
  return directory;
}

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function compare(...args: readonly string[]): Outcome {
  return compareWith({}, ...args);
}

function compareWith(more: Readonly<Record<string, string>>, ...args: readonly string[]): Outcome {
  const command = ["--conditions=@flockwork/source", join(root, "bench/src/main.ts"), "compare", ...args];
  const env = { ...process.env, FLOCKWORK_BENCH_DIR: build, ...more };
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

  test.runIf(hasProgram("strace"))(
    "asks each package of a domain: one more system call of a machine's update is red",
    () => {
      const slow = plant("process.chdir(process.cwd());", inMachineUpdate);
      const { status, stdout } = compare(root, slow, "--quick", "--only", "machine", "--measure", "calls");
      expect(stdout).toMatch(/\| machine \|.*SLOWER: calls/);
      expect(status).toBe(1);
    },
  );

  test("refuses a commit that is none, and an option it does not know", () => {
    const none = compare("no-such-commit", ...quick);
    expect(none.status).toBe(2); // 1 would say that it is slower
    expect(none.stderr).toContain("no-such-commit and");
    expect(none.stderr).toContain("could not be compared");
    expect(compare("HEAD", "--fast")).toMatchObject({ status: 2 });
    expect(readCompare(["HEAD", "--only"])).toContain("--only needs a value");
    expect(readCompare(["HEAD", "--threshold", "--quick"])).toContain("not a threshold above 1: --quick");
    expect(readCompare(["HEAD", "--only", "nothing"])).toContain("no hot path");
    expect(compare().stderr).toContain("usage: npm run bench -- compare");
  });

  test("is not green where nothing was measured: by a measure that is none, or without its program", () => {
    const misspelt = compare(root, root, ...quick, "--measure", "instruction");
    expect(misspelt).toMatchObject({ status: 2, stdout: "" });
    expect(misspelt.stderr).toContain('there is no measure "instruction"');
    const without = compareWith({ PATH: build }, root, root, ...quick, "--measure", "instructions,calls");
    expect(without).toMatchObject({ status: 2, stdout: "" });
    expect(without.stderr).toContain("instructions SKIPPED: no valgrind on this machine");
    expect(without.stderr).toContain("nothing could be measured by instructions, calls");
  });
});

test("is not green on a profile that tells no total, and knows where profiles end", () => {
  const profile = join(build, "callgrind.out.2");
  writeFileSync(profile, "version: 1\nevents: Ir\n");
  expect(() => totalOf(profile)).toThrow("callgrind wrote no total");
  writeFileSync(profile, "version: 1\nevents: Ir\ntotals: 123\n");
  expect(totalOf(profile)).toBe(123);
  rmSync(profile);
  expect(totalOf(profile)).toBeUndefined();
});

test("a ratio that no more than the noise of the first one explains is no slowdown", () => {
  expect(isSlower({ median: 1.4, lowerQuartile: 1.05, noise: 1.3 }, 1.1)).toBe(false);
  expect(isSlower({ median: 1.4, lowerQuartile: 1.35, noise: 1.3 }, 1.1)).toBe(true);
  expect(isSlower({ median: 1.05, lowerQuartile: 1.04, noise: 1.01 }, 1.1)).toBe(false);
});
