import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasProgram } from "../src/measure/has-program.ts";
import { commitOf, versions, withVersions } from "../src/measure/versions.ts";

test("a checkout whose reports were measured again is that of its commit, one whose code was changed is not", () => {
  const directory = mkdtempSync(join(tmpdir(), "checkout-"));
  try {
    const git = (...args: readonly string[]): string =>
      execFileSync("git", ["-C", directory, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        encoding: "utf8",
      });
    const write = (path: string, text: string): void => writeFileSync(join(directory, path), text);
    mkdirSync(join(directory, "bench/results"), { recursive: true });
    write("bench/results/lock.json", "{}");
    write("code.ts", "1");
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "Begin");
    const hash = git("rev-parse", "--short", "HEAD").trim();
    write("bench/results/lock.json", "{ }");
    expect(commitOf(directory)).toBe(hash);
    write("code.ts", "2");
    expect(commitOf(directory)).toBe(`${hash}+`);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("all that rows are held against has its version, packages and programs alike", () => {
  const list = versions();
  expect(Object.keys(list)).toEqual(expect.arrayContaining(["koffi", "proper-lockfile", "SQLite"]));
  if (hasProgram("flock")) expect(list["flock(1)"]).toMatch(/^\d+\.\d+/);
  expect(withVersions("Go gofrs/flock, C flock", { "flock(1)": "2", "gofrs/flock": "0.8", C: "12" })).toBe(
    "Go gofrs/flock 0.8, C 12 flock",
  );
});
