import { describe, expect, test } from "vitest";
import { compare } from "../src/measure/comparison.ts";
import { groupLines } from "../src/measure/provenance.ts";
import { toMarkdown, type Report } from "../src/measure/report.ts";
import { judge } from "../src/measure/row.ts";
import { aMachine } from "./a-machine.ts";

const run = { command: "npm run bench -- lock", commit: "abc1234", date: "2026-01-01", seed: 42 };
const others = { othersShare: 0.04, repeated: 1 };

const report: Report = {
  family: "lock",
  quick: false,
  ...run,
  machine: { ...aMachine, othersShare: 0.2 },
  versions: {},
  groups: [
    {
      group: "fleets",
      ...run,
      othersShare: 0.2,
      loadBefore: 1,
      loadAfter: 2,
      disturbances: [others, { othersShare: 0.09, repeated: 2 }],
    },
  ],
  rows: [
    judge({
      name: "single",
      durability: "none",
      unit: "ms",
      ours: [3],
      baseline: { name: "C", values: [2] },
      goal: { compared: "ours / baseline", atMost: 2 },
    }),
  ],
  comparisons: [
    compare({
      name: "side by side",
      durability: "none",
      metrics: [
        { name: "worst wait", unit: "ms", better: "less", drawn: false },
        { name: "worst of all rounds", unit: "ms", better: "less", drawn: false },
      ],
      contenders: [
        { name: "Flockwork", figures: { "worst wait": [10, 12, 20], "worst of all rounds": [20] } },
      ],
      disturbance: others,
    }),
  ],
};

describe("the table of a report", () => {
  test("gives no spread to a single figure", () => {
    const lines = toMarkdown(report).split("\n");
    expect(lines).toContain("| single | none | 3 ms (-) | C 2 ms (-) | 1.5 | ours / baseline ≤ 2 | met |");
    expect(lines).toContain("| Flockwork | none | 12 (83 %) | 20 (-) |");
  });

  test("says why a row has no verdict, and beside what", () => {
    const values = [1, 1, 1, 1];
    const row = judge({
      name: "even",
      durability: "none",
      unit: "ms",
      ours: [1, 1, 2, 2],
      baseline: { name: "C", values },
      goal: { compared: "ours / baseline", atMost: 1.5 },
    });
    expect(toMarkdown({ ...report, rows: [row] })).toContain(
      "- even (C): no verdict: 2 of 4 rounds meet the goal",
    );
  });

  test("says of each comparison what others had of the rounds that were kept, and of a group from where to where", () => {
    expect(toMarkdown(report)).toContain(
      "**side by side** (none, others had 4 % of the rounds kept, 1 round made again)",
    );
    expect(groupLines(report)).toEqual([
      "- `fleets`: others had 20 %, 4 to 9 % of the rounds kept, 3 rounds made again, load 1 before and 2 after",
    ]);
  });
});
