import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { systemCallsOf, totalOf } from "../src/gate/counts.ts";
import { linkDependencies } from "../src/gate/link-dependencies.ts";
import { readCompare } from "../src/gate/read-compare.ts";
import { isSlower, timeRatio } from "../src/gate/time-ratio.ts";
import { lookTwice, none, slowerBy } from "../src/gate/verdict.ts";

const place = mkdtempSync(join(tmpdir(), "gate-rules-"));

afterAll(() => rmSync(place, { recursive: true }));

const slow = { median: 1.4, lowerQuartile: 1.35, noise: 1.3 };

describe("a slowdown", () => {
  test("is no ratio that the noise of the first one explains", () => {
    expect(isSlower({ median: 1.4, lowerQuartile: 1.05, noise: 1.3 }, 1.1)).toBe(false);
    expect(isSlower(slow, 1.1)).toBe(true);
    expect(isSlower({ median: 1.05, lowerQuartile: 1.04, noise: 1.01 }, 1.1)).toBe(false);
  });

  test("is told by each measure for itself", () => {
    expect(slowerBy(none, 1.1)).toEqual([]);
    expect(slowerBy({ ...none, processorTime: slow }, 1.1)).toEqual(["processor time"]);
    expect(slowerBy({ ...none, clock: slow }, 1.1)).toEqual(["clock"]);
    expect(slowerBy({ ...none, instructions: [100, 111] }, 1.1)).toEqual(["instructions"]);
    expect(slowerBy({ ...none, instructions: [100, 109] }, 1.1)).toEqual([]);
  });

  test("of times is one that is seen twice, and no second look is taken without a first", async () => {
    const once = [{ ...none, clock: slow }, none];
    expect(await lookTwice(async () => once.shift() ?? none, 1.1)).toEqual(none);
    const twice = [
      { ...none, clock: slow },
      { ...none, processorTime: slow },
    ];
    expect(await lookTwice(async () => twice.shift() ?? none, 1.1)).toEqual({
      ...none,
      processorTime: slow,
    });
    const fast = [none, { ...none, clock: slow }];
    expect(await lookTwice(async () => fast.shift() ?? none, 1.1)).toEqual(none);
  });

  test("is half a system call more, or a hundredth of many", () => {
    expect(slowerBy({ ...none, systemCalls: [4, 4.6] }, 1.1)).toEqual(["system calls"]);
    expect(slowerBy({ ...none, systemCalls: [4, 4.4] }, 1.1)).toEqual([]);
    expect(slowerBy({ ...none, systemCalls: [500, 504] }, 1.1)).toEqual([]);
    expect(slowerBy({ ...none, systemCalls: [500, 506] }, 1.1)).toEqual(["system calls"]);
  });

  test("is judged round by round, and not by a slice that took no time", () => {
    const base = [10, 20, 10, 40];
    const head = [15, 30, 15, 60];
    expect(timeRatio({ base, twin: base, head })).toEqual({ median: 1.5, lowerQuartile: 1.5, noise: 1 });
    expect(() => timeRatio({ base, twin: base, head: [15, 0, 15, 60] })).toThrow("a slice took no time");
  });
});

describe("counts", () => {
  test("are of what is between two marks: of reads and writes those of files, waits never", () => {
    const log = [
      '7 openat(AT_FDCWD</w>, "before") = 3</w/before>',
      "7 umask(022) = 022",
      '7 openat(AT_FDCWD</w>, "file") = 3</w/file>',
      '7 write(3</w/file>, "1", 1 <unfinished ...>',
      '8 write(12<anon_inode:[eventfd]>, "\\1\\0\\0\\0\\0\\0\\0\\0", 8) = 8',
      "7 <... write resumed>) = 1",
      '8 read(12<anon_inode:[eventfd]>, "\\1", 1024) = 8',
      '7 read(4</proc/locks>, "1: FLOCK", 1024) = 8',
      "8 futex(0x1, FUTEX_WAIT) = 0",
      '7 read(3</w/file>, "1", 1) = 1',
      "7 umask(022) = 022",
      '7 openat(AT_FDCWD</w>, "between") = 3</w/between>',
      "7 umask(022) = 022",
      "7 umask(022) = 022",
      "",
    ];
    expect(systemCallsOf(log.join("\n"))).toEqual([3, 0]);
  });

  test("are not taken from a profile that tells no total, and end where profiles do", () => {
    const profile = join(place, "callgrind.out.2");
    writeFileSync(profile, "version: 1\nevents: Ir\n");
    expect(() => totalOf(profile)).toThrow("callgrind wrote no total");
    writeFileSync(profile, "version: 1\nevents: Ir\ntotals: 123\n");
    expect(totalOf(profile)).toBe(123);
    rmSync(profile);
    expect(totalOf(profile)).toBeUndefined();
  });
});

test("a package gets what it depends on as it is installed there, and says what is not", () => {
  const [from, modules] = [join(place, "package"), join(place, "node_modules")];
  mkdirSync(join(from, "node_modules/dropped"), { recursive: true });
  const manifest = { name: "@flockwork/core", dependencies: { "@flockwork/flock": "1", dropped: "1" } };
  writeFileSync(join(from, "package.json"), JSON.stringify(manifest));
  linkDependencies(from, modules);
  expect(realpathSync(join(modules, "dropped"))).toBe(realpathSync(join(from, "node_modules/dropped")));
  rmSync(join(modules, "dropped"));
  rmSync(join(from, "node_modules/dropped"), { recursive: true });
  expect(() => linkDependencies(from, modules)).toThrow(
    `@flockwork/core needs dropped, which is not installed in ${from}.`,
  );
});

test("a comparison that is not understood says what is wrong", () => {
  expect(readCompare(["HEAD", "--only"])).toContain("--only needs a value");
  expect(readCompare(["HEAD", "--threshold", "--quick"])).toContain("not a threshold above 1: --quick");
  expect(readCompare(["HEAD", "--only", "nothing"])).toContain("no hot path");
  expect(readCompare(["HEAD", "--measure", "times"])).toContain('there is no measure "times"');
});
