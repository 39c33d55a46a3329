import { describe, expect, test } from "vitest";
import { countLine } from "../src/measure/report.ts";
import { interleave } from "../src/measure/rounds.ts";
import { judge, type Measurement } from "../src/measure/row.ts";
import { withhold } from "../src/measure/verdicts.ts";

const measured: Measurement = {
  name: "a row",
  durability: "none",
  unit: "us",
  ours: [2, 40, 3],
  baseline: { name: "C", values: [2, 20, 1] },
  goal: { compared: "ours / baseline", atMost: 2 },
};

describe("a row of the table", () => {
  test("compares round with round, so that a slow round spoils neither side", () => {
    expect(judge(measured)).toMatchObject({ ours: 3, baseline: 2, ratio: 2, verdict: "met" });
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
    expect(countLine(withhold(rows, undefined))).toBe("1 met, 0 missed, 0 undecided, 0 skipped");
    expect(withhold(rows, "busy").map(({ verdict }) => verdict)).toEqual(["not ours", "undecided"]);
  });

  test("misses its goal when there are no figures", () => {
    expect(judge({ ...measured, ours: [], goal: { compared: "ours", atMost: 1 } }).verdict).toBe("not met");
  });
});

test("contenders take turns, and the first of one round is the last of the next", async () => {
  const calls: string[] = [];
  const run = (name: string) => async () => calls.push(name);
  const figures = await interleave(3, { a: run("a"), b: run("b") });
  expect(calls.join("")).toBe("abbaab");
  expect(figures).toEqual({ a: [1, 4, 5], b: [2, 3, 6] });
});
