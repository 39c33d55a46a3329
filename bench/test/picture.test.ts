import { describe, expect, test } from "vitest";
import { compare } from "../src/measure/comparison.ts";
import type { Report } from "../src/measure/report.ts";
import { judge } from "../src/measure/row.ts";
import { withhold } from "../src/measure/verdicts.ts";
import { withVersions } from "../src/measure/versions.ts";
import { goalPanels, sidePanels } from "../src/picture/panel.ts";
import { toSvg } from "../src/picture/picture.ts";
import { wrap } from "../src/picture/svg.ts";

const contender = (name: string, values: readonly number[], note?: string) => ({
  name,
  figures: { throughput: values },
  note,
});

const report: Report = {
  family: "lock",
  quick: false,
  command: "npm run bench -- lock",
  commit: "abc1234",
  date: "2026-01-01",
  seed: 42,
  machine: {
    cpu: "A <fast> & small one",
    cores: 2,
    memoryGiB: 4,
    kernel: "6",
    fileSystem: "ext4",
    node: "v24",
    flockBinding: "addon",
    code: "source",
    loadBefore: 0.5,
    loadAfter: 0.5,
    othersShare: 0.02,
  },
  versions: { "proper-lockfile": "4.1.2", SQLite: "3.50.0", lockfile: "1.0.4" },
  rows: [
    judge({
      name: "update",
      durability: "disk",
      unit: "us",
      ours: [10, 20, 30],
      baseline: { name: "proper-lockfile", values: [100, 80, 90] },
      goal: { compared: "baseline / ours", atLeast: 3 },
    }),
    judge({
      name: "update",
      durability: "disk",
      unit: "us",
      ours: [10, 20, 30],
      baseline: { name: "SQLite", values: [5, 5, 5] },
      goal: { compared: "ours / baseline", atMost: 2 },
    }),
  ],
  comparisons: [
    compare({
      name: "8 processes",
      durability: "none",
      metrics: [{ name: "throughput", unit: "ops/s", better: "more", drawn: true }],
      contenders: [
        contender("Flockwork", [50, 60]),
        contender("lockfile", [10, 12], "3 updates lost"),
        contender("C", [80, 90]),
      ],
    }),
  ],
};

describe("the picture of a report", () => {
  test("shows ours first, then what it was held against, with the goals where ours would have to end", () => {
    const [panel, ...others] = goalPanels(report);
    expect(others).toEqual([]);
    expect(panel).toMatchObject({ title: "update", durability: "disk", better: "less", goals: [30, 10] });
    expect(panel?.bars.map(({ label, value, range }) => ({ label, value, range }))).toEqual([
      { label: "Flockwork", value: 20, range: [10, 30] },
      { label: "proper-lockfile 4.1.2", value: 90, range: [80, 100] },
      { label: "SQLite 3.50.0", value: 5, range: [5, 5] },
    ]);
    expect(panel?.bars.map(({ outcome }) => outcome?.text)).toEqual([
      undefined,
      "✓ 4 ×, goal ≥ 3",
      "✗ 4 ×, goal ≤ 2",
    ]);
  });

  test("shows contenders side by side, the best of the others next to ours, and marks the one that lost something", () => {
    const labels = sidePanels(report).map(({ bars }) => bars.map(({ label }) => label));
    expect(labels).toEqual([["Flockwork", "C", "lockfile 1.0.4 *"]]);
  });

  test("names where, with what and from which commit, and knows light pages and dark ones", () => {
    const svg = toSvg(report);
    expect(svg).toContain("A &lt;fast&gt; &amp; small one");
    expect(svg).toContain("commit abc1234");
    expect(svg).toContain("prefers-color-scheme:dark");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("a quick run gives no verdict and says so", () => {
    const svg = toSvg({ ...report, quick: true });
    expect(svg).not.toMatch(/[✓✗]/);
    expect(svg).toContain("decides nothing");
  });

  test("rows without a verdict get no mark, and the head says that others were at work", () => {
    const rows = withhold(report.rows, "others had 40 % of the processors' time meanwhile");
    const svg = toSvg({ ...report, rows, machine: { ...report.machine, othersShare: 0.4 } });
    expect(svg).not.toMatch(/[✓✗] \d/);
    expect(svg).toContain("Rows with neither ✓ nor ✗: others had too much of the processors for a verdict.");
    expect(svg).not.toContain("The machine was busy"); // other groups may have had it to themselves
  });

  test("a report that was stored when only the load was known gets no verdict from a busy machine", () => {
    const { othersShare: _, ...machine } = report.machine;
    const svg = toSvg({ ...report, machine: { ...machine, loadBefore: 9 } });
    expect(svg).not.toMatch(/[✓✗]/);
    expect(svg).toContain("The machine was busy (load 9 on 2 cores)");
  });

  test("the load that a bench makes by itself withholds nothing", () => {
    expect(toSvg({ ...report, machine: { ...report.machine, loadBefore: 9 } })).toContain("✓ 4 ×");
  });
});

test("a version follows the name it belongs to, and no other that contains it", () => {
  const { versions } = report;
  expect(withVersions("proper-lockfile, 1 ms", versions)).toBe("proper-lockfile 4.1.2, 1 ms");
  expect(withVersions("lockfile", versions)).toBe("lockfile 1.0.4");
  expect(withVersions("node:sqlite", { sqlite: "3" })).toBe("node:sqlite");
});

test("long labels are broken at spaces, and no word is lost", () => {
  const lines = wrap("read, write, fsync, rename, fsync of the directory, blocking", 120, 12);
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.join(" ")).toBe("read, write, fsync, rename, fsync of the directory, blocking");
});
