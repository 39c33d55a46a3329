import { describe, expect, test } from "vitest";
import { countLine } from "../src/measure/report.ts";
import { judge, type Measurement } from "../src/measure/row.ts";
import { withhold } from "../src/measure/verdicts.ts";

const measured: Measurement = {
  name: "a row",
  durability: "none",
  unit: "us",
  ours: [4, 40, 3],
  baseline: { name: "C", values: [2, 20, 1.5] },
  goal: { compared: "ours / baseline", atMost: 2 },
};

describe("a row of the table", () => {
  test("compares round with round, so that a slow round spoils neither side", () => {
    expect(judge(measured)).toMatchObject({ ours: 4, baseline: 2, ratio: 2, verdict: "met" });
  });

  test("misses its goal by a hair or by a mile", () => {
    expect(judge({ ...measured, goal: { compared: "ours / baseline", atMost: 1.99 } }).verdict).toBe(
      "not met",
    );
    expect(judge({ ...measured, goal: { compared: "baseline / ours", atLeast: 1 } }).verdict).toBe("not met");
  });

  test("misses its goal when updates were lost, whatever its figures are", () => {
    const row = judge({ ...measured, faults: ["1 updates lost"] });
    expect(row).toMatchObject({ verdict: "not met", note: "1 updates lost" });
  });

  test("gets no verdict when only the baseline lost something, which is no miss of ours, and tells what", () => {
    const slow = { ...measured, ours: [200, 400, 300], baselineFaults: ["3 lines lost"] };
    expect(judge(slow)).toMatchObject({
      verdict: "undecided",
      undecided: "C: 3 lines lost",
      faults: [],
      note: "C: 3 lines lost",
    });
    expect(judge({ ...slow, faults: ["1 updates lost"] }).verdict).toBe("not met");
  });

  test("is not met by being infinitely better than nothing", () => {
    const goal = { compared: "ours / baseline", atLeast: 2 } as const;
    const idle = judge({ ...measured, baseline: { name: "C", values: [0, 0, 0] }, goal });
    expect(idle).toMatchObject({ verdict: "undecided", undecided: "C: a round of it came to 0" });
    const none = judge({ ...measured, ours: [0, 0, 0], goal: { compared: "baseline / ours", atLeast: 2 } });
    expect(none.verdict).toBe("not met");
  });

  test("neither meets nor misses its goal when it measured no code of ours", () => {
    const rows = [judge({ ...measured, isLine: true }), judge(measured)];
    expect(rows.map(({ verdict }) => verdict)).toEqual(["not ours", "met"]);
    expect(countLine(rows.map((row) => withhold(row, undefined)))).toBe(
      "1 met, 0 missed, 0 undecided, 0 skipped",
    );
    expect(rows.map((row) => withhold(row, "busy").verdict)).toEqual(["not ours", "undecided"]);
  });

  test("misses its goal when there are no figures", () => {
    expect(judge({ ...measured, ours: [], goal: { compared: "ours", atMost: 1 } }).verdict).toBe("not met");
  });
});

describe("rounds on both sides of the goal", () => {
  const goal = { compared: "ours", atMost: 10 } as const;
  const rowOf = (...ours: readonly number[]) => judge({ ...bare, ours, goal });
  const { baseline: _, ...bare } = measured;

  test("decide nothing where a quarter of them or more is on either side, and the row says how many", () => {
    expect(rowOf(8, 9, 9, 11, 12)).toMatchObject({
      ours: 9,
      verdict: "undecided",
      undecided: "3 of 5 rounds meet the goal",
    });
    expect(rowOf(8, 9, 11, 11, 12)).toMatchObject({ undecided: "2 of 5 rounds meet the goal" });
  });

  test("leave the verdict to the median where fewer are on the other side", () => {
    expect(rowOf(8, 9, 9, 9, 99)).toMatchObject({ verdict: "met", undecided: null });
    expect(rowOf(1, 11, 11, 12, 12).verdict).toBe("not met");
  });

  test("are compared by the ratio of each round's own figures", () => {
    const values = [10, 20, 30, 40, 50, 60];
    const beside = (...ours: readonly number[]) =>
      judge({
        ...measured,
        ours,
        baseline: { name: "C", values },
        goal: { compared: "ours / baseline", atMost: 1 },
      });
    expect(beside(9, 18, 27, 36, 45, 66).verdict).toBe("met");
    expect(beside(9, 18, 27, 36, 55, 66).undecided).toBe("4 of 6 rounds meet the goal");
  });

  test("decide nothing among fewer than four, which have to be of one mind", () => {
    expect(rowOf(8, 9, 12)).toMatchObject({ verdict: "undecided", undecided: "2 of 3 rounds meet the goal" });
    expect(rowOf(8, 9, 10).verdict).toBe("met");
    expect(rowOf(11, 12).verdict).toBe("not met");
  });

  test("excuse nothing that was lost", () => {
    const lost = judge({ ...bare, ours: [8, 9, 9, 11, 12], goal, faults: ["1 updates lost"] });
    expect(lost).toMatchObject({ verdict: "not met", undecided: null });
  });
});
