import { describe, expect, test } from "vitest";
import { compare } from "../src/measure/comparison.ts";
import type { Report } from "../src/measure/report.ts";
import { judge, unmeasured, type Goal } from "../src/measure/row.ts";
import { withhold } from "../src/measure/verdicts.ts";
import { withVersions } from "../src/measure/versions.ts";
import { goalPanels, sidePanels } from "../src/picture/panel.ts";
import { toSvg } from "../src/picture/picture.ts";
import { goalLines } from "../src/picture/summary.ts";
import { wrap } from "../src/picture/svg.ts";
import { aMachine } from "./a-machine.ts";

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
    ...aMachine,
    cpu: "A <fast> & small one",
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
      baseline: { name: "SQLite", values: [4, 5, 5] },
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
      { label: "SQLite 3.50.0", value: 5, range: [4, 5] },
    ]);
    expect(panel?.bars.map(({ outcome }) => outcome?.text)).toEqual([
      undefined,
      "✓ 4 ×, goal ≥ 3",
      "✗ 4 ×, goal ≤ 2",
    ]);
  });

  test("tells of each goal how many times over it was reached, in the direction that is better", () => {
    const of = (ours: number, goal: Goal, values?: readonly number[]) =>
      judge({
        name: "a row",
        durability: "none",
        unit: "ms",
        ours: [ours],
        goal,
        ...(values === undefined ? {} : { baseline: { name: "C", values } }),
      });
    const rows = [
      of(8, { compared: "ours / baseline", atMost: 1 }, [2]),
      of(8, { compared: "ours / baseline", atLeast: 2 }, [2]),
      of(8, { compared: "baseline / ours", atLeast: 1 }, [2]),
      of(1, { compared: "ours - baseline", atMost: 5 }, [2]),
      of(0, { compared: "ours", atMost: 0 }),
      of(3, { compared: "ours", atMost: 0 }),
      {
        ...of(8, { compared: "ours / baseline", atLeast: 2 }, [2]),
        verdict: "not met" as const,
        faults: ["3 jobs lost"],
      },
      judge({
        name: "beside one that broke",
        durability: "none",
        unit: "ms",
        ours: [8],
        baseline: { name: "C", values: [] },
        baselineFaults: ["it broke"],
        goal: { compared: "ours / baseline", atMost: 1 },
      }),
      unmeasured("a peer", "skipped", "not on this machine"),
      unmeasured("a group", "not met", "it broke"),
      { ...of(8, { compared: "ours / baseline", atMost: 1 }, [2]), verdict: "not ours" as const },
    ];
    const lines = goalLines({ ...report, rows });
    expect(lines.map(({ timesGoal, text, mark }) => [timesGoal, text, mark])).toEqual([
      [0.25, "0.25 of goal, 8 ms", "missed"],
      [2, "2 of goal, 8 ms", "met"],
      [0.25, "0.25 of goal, 8 ms", "missed"],
      [Infinity, "goal ≤ 5 ms, 1 ms", "met"],
      [1, "1 of goal, 0 ms", "met"],
      [0, "goal ≤ 0 ms, 3 ms", "missed"],
      [0, "3 jobs lost", "missed"],
      [0.25, "0.25 of goal, 8 ms", "line"],
    ]);
    const svg = toSvg({ ...report, rows });
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg.match(/class="missed-bar"/g)).toHaveLength(4);
    expect(svg.match(/class="line-bar"/g)).toHaveLength(1);
    expect(svg).toContain("or no code of ours");
  });

  test("leaves what was held against one alone to its line, and explains no colour that it does not show", () => {
    const [row] = report.rows;
    const svg = toSvg({ ...report, rows: row === undefined ? [] : [row], comparisons: [] });
    expect(goalPanels({ ...report, rows: row === undefined ? [] : [row] })).toEqual([]);
    expect(svg).toContain("Goals: 1 met, 0 missed");
    expect(svg).not.toContain("what it is held against");
  });

  test("says that others were at work beside a comparison, which has no verdict", () => {
    const [first] = report.comparisons;
    const groups = [{ group: "peers", ...report, othersShare: 0.4, loadBefore: 1, loadAfter: 1 }];
    const comparisons = first === undefined ? [] : [{ ...first, group: "peers" }];
    expect(toSvg({ ...report, groups, comparisons })).toContain("longer is better · others had 40 %");
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

  test("rows without a verdict get no mark, and the head says where the reason is", () => {
    const rows = report.rows.map((row) => withhold(row, "others had 40 % of the processors' time meanwhile"));
    const svg = toSvg({ ...report, rows, machine: { ...report.machine, othersShare: 0.4 } });
    expect(svg).not.toMatch(/[✓✗] \d/);
    expect(svg).toContain("Rows with neither ✓ nor ✗ have no verdict: the table says why.");
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
