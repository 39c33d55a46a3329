import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { families } from "../src/families/families.ts";
import { readRequest } from "../src/request.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const build = new URL("../build", import.meta.url);
const out = mkdtempSync(join(tmpdir(), "reports-"));

afterAll(() => rmSync(out, { recursive: true }));

function bench(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ["--conditions=@flockwork/source", main, ...args];
  return spawnSync(process.execPath, command, { encoding: "utf8", timeout: 60_000 });
}

describe("npm run bench", () => {
  test("measures a group, prints its rows as JSON with a count, and leaves nothing behind", () => {
    mkdirSync(build, { recursive: true });
    const before = readdirSync(build);
    const { status, stdout, stderr } = bench(
      "lock",
      "--quick",
      "--json",
      "--only",
      "uncontended",
      "--out",
      out,
    );
    expect(stderr).not.toContain("FAILED");
    const { reports, counts } = JSON.parse(stdout) as {
      reports: {
        machine: object;
        rows: { verdict: string; ours: number | null; undecided: string | null }[];
      }[];
      counts: string;
    };
    expect(status).toBe(0); // a missed goal is a finding, not a failure of the bench
    expect(reports).toHaveLength(1);
    expect(reports[0]?.machine).toMatchObject({ node: process.version, code: "source" });
    const rows = reports[0]?.rows ?? [];
    expect(rows.length).toBeGreaterThan(0);
    for (const { verdict, ours, undecided } of rows) {
      if (verdict !== "skipped") {
        expect(ours).toBeGreaterThan(0);
        expect({ verdict, undecided }).toEqual({
          verdict: "undecided",
          undecided: "a quick run is too short to decide anything",
        });
      }
    }
    expect(counts).toMatch(/^0 met, 0 missed, \d+ undecided, \d+ skipped$/);
    expect(readdirSync(build).filter((name) => !before.includes(name))).toEqual([]);
  });

  test("ends with the counts, on a line of their own, and puts the group beside those that are stored", () => {
    const { status, stdout, stderr } = bench("lock", "--quick", "--only", "local", "--out", out);
    expect(stderr).not.toContain("DROPPED");
    const { groups, rows } = JSON.parse(readFileSync(join(out, "lock.json"), "utf8")) as {
      groups: { group: string; command: string }[];
      rows: { group: string }[];
    };
    expect(groups.map(({ group, command }) => [group, command])).toEqual([
      ["uncontended", 'npm run bench -- lock --quick --only "uncontended"'],
      ["local callers", 'npm run bench -- lock --quick --only "local"'],
    ]);
    expect(new Set(rows.map(({ group }) => group))).toEqual(new Set(["uncontended", "local callers"]));
    expect(readdirSync(out).toSorted()).toEqual(["lock.json", "lock.md", "lock.svg"]);
    expect(status).toBe(0);
    expect(stdout).toContain("| 1000 callers in one process, cohorts | none |");
    expect(stdout).toContain("no verdict: a quick run is too short to decide anything");
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/^0 met, 0 missed, \d+ undecided, \d+ skipped$/);
  });

  test("refuses to measure what would take the place of a full report, before it measures", () => {
    const path = join(out, "log.json");
    writeFileSync(path, readFileSync(new URL("../results/log.json", import.meta.url)));
    const { status, stdout, stderr } = bench("log", "lock", "--quick", "--only", "peers", "--out", out);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^\S+log\.json would be lost, .*\. Remove it or name another directory.*\n$/);
    expect(readFileSync(path)).toEqual(readFileSync(new URL("../results/log.json", import.meta.url)));
    rmSync(path);
  });

  test("measures every family when none is named, and of those only the ones that have such a group", () => {
    expect(readRequest(["--quick"])).toMatchObject({ names: [...families.keys()] });
    expect(readRequest(["--only", "peers: alone"])).toMatchObject({ names: ["lock"] });
    expect(readRequest(["lock", "lock", "all"])).toMatchObject({ names: [...families.keys()] });
    expect(readRequest(["lock", "--only", "nothing"])).toContain(
      'no group of lock has "nothing" in its name',
    );
  });

  test("says that it cannot write where it was told to, before it measures", () => {
    for (const place of [main, "/proc/x/y"]) {
      const { status, stdout, stderr } = bench("lock", "--only", "uncontended", "--out", place);
      expect(status).toBe(2);
      expect(stdout).toBe("");
      expect(stderr).toMatch(/^\S+ cannot be written to: .*\. Name another directory\n$/);
    }
  });

  test("draws no picture of what is no report, and says why", () => {
    const other = join(out, "package.json");
    writeFileSync(other, "{}");
    const { status, stderr } = bench("draw", other);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `${other} is no report: npm run bench -- <family> --out <directory> makes one\n`,
    });
    expect(bench("draw", join(out, "none.json")).stderr).toMatch(/^\S+none\.json is no report: ENOENT.*\n$/);
    rmSync(other);
    expect(readdirSync(out).filter((name) => !name.startsWith("lock."))).toEqual([]);
  });

  test("ends with 2 where the bench itself breaks, which is no missed goal", () => {
    const broken = join(out, "broken.json");
    const report = { family: "lock", rows: [null], comparisons: [], machine: {}, versions: {} };
    writeFileSync(broken, JSON.stringify(report));
    const { status, stderr } = bench("draw", broken);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("TypeError") });
    rmSync(broken);
  });

  test("names each of its groups in its README", () => {
    const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const groups = [...families.values()].flat().map(({ name }) => name);
    expect(groups.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  test("refuses what it does not know, with its usage", () => {
    const { status, stderr } = bench("locks");
    expect(status).toBe(2);
    expect(stderr).toContain("unknown family or option: locks");
    expect(stderr).toMatch(/usage: npm run bench \[-- <lock \| document \| log \|.* all>\]/);
  });
});
