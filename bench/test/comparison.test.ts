import { describe, expect, test } from "vitest";
import { aheadRows, compare, type Measured, type MeasuredContender } from "../src/measure/comparison.ts";

const contender = (name: string, throughput: readonly number[], more: object = {}): MeasuredContender => ({
  name,
  figures: { throughput },
  ...more,
});

const measured = (...contenders: readonly MeasuredContender[]): Measured => ({
  name: "8 processes",
  durability: "none",
  metrics: [{ name: "throughput", unit: "ops/s", better: "more", drawn: true }],
  contenders,
});

describe("contenders side by side", () => {
  test("the row misses its goal when ours lost something, however fast it was", () => {
    const ours = contender("Flockwork", [900], { faults: ["3 updates lost"] });
    const [row] = aheadRows(measured(ours, contender("lockfile", [10])), "throughput");
    expect(row).toMatchObject({ verdict: "not met", note: "Flockwork: 3 updates lost" });
  });

  test("so it does when another of ours lost something", () => {
    const sync = contender("Flockwork, sync", [800], { kind: "ours", faults: ["1 updates lost"] });
    const [row] = aheadRows(
      measured(contender("Flockwork", [900]), sync, contender("lockfile", [10])),
      "throughput",
    );
    expect(row).toMatchObject({ verdict: "not met", note: "Flockwork, sync: 1 updates lost" });
  });

  test("one that lost what it acknowledged is nobody to be ahead of, and the table says what it lost", () => {
    const liar = contender("plain fs", [5_000], { faults: ["90 % lost"] });
    const all = measured(contender("Flockwork", [900]), liar, contender("lockfile", [10]));
    expect(aheadRows(all, "throughput").map(({ baselineName }) => baselineName)).toEqual(["lockfile"]);
    expect(compare(all).contenders[1]).toMatchObject({ kind: "line", note: "90 % lost" });
  });

  test("one that did nothing has no figure, and is nobody to be ahead of", () => {
    const idle = contender("stuck", [NaN]);
    const all = measured(contender("Flockwork", [900]), idle, contender("lockfile", [10]));
    expect(compare(all).contenders[1]?.figures).toEqual([{ median: null, spread: null, rounds: [] }]);
    expect(aheadRows(all, "throughput").map(({ baselineName }) => baselineName)).toEqual(["lockfile"]);
  });
});
