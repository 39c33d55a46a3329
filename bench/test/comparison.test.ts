import { describe, expect, test } from "vitest";
import { toMarkdown, type Report } from "../src/measure/report.ts";
import { aheadRows, compare, type Measured, type MeasuredContender } from "../src/measure/comparison.ts";
import { aMachine } from "./a-machine.ts";

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

const emptyReport: Report = {
  family: "document",
  quick: false,
  command: "",
  commit: "",
  date: "2026-01-02",
  seed: 42,
  machine: aMachine,
  versions: {},
  rows: [],
  comparisons: [],
};

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

  test("where nobody is left to be ahead of, the row is there without a verdict, and says why", () => {
    const broken = contender("lockfile", [], { faults: ["a run failed: it hung"] });
    const missing = contender("os-lock", [], { kind: "bare", missing: "os-lock cannot be loaded here" });
    const rows = aheadRows(measured(contender("Flockwork", [900]), broken, missing), "throughput");
    expect(rows.map(({ name, verdict, ours, note }) => [name, verdict, ours, note])).toEqual([
      [
        "8 processes: throughput, beside the best peer",
        "undecided",
        900,
        "the best peer: lockfile: a run failed: it hung",
      ],
      [
        "8 processes: throughput, beside the best that promises less",
        "skipped",
        900,
        "os-lock: os-lock cannot be loaded here",
      ],
    ]);
  });

  test("one that is left is held against ours, and the row names those that are not", () => {
    const broken = contender("lockfile", [], { faults: ["a run failed: it hung"] });
    const all = measured(contender("Flockwork", [900]), broken, contender("proper-lockfile", [10]));
    expect(aheadRows(all, "throughput")[0]).toMatchObject({
      baselineName: "proper-lockfile",
      verdict: "met",
      note: "not held against ours, see the table: lockfile",
    });
    expect(compare(all).contenders[1]).toMatchObject({ name: "lockfile", note: "a run failed: it hung" });
  });

  test("the row and its table tell what the best one promises, where that is not what ours does", () => {
    const half = { kind: "bare", durability: "file synced", note: "it syncs no directory" };
    const all = {
      ...measured(contender("Flockwork", [9]), contender("atomically", [8], half)),
      durability: "disk",
    };
    const rows = aheadRows(all, "throughput");
    expect(rows[0]).toMatchObject({
      durability: "disk",
      baselineDurability: "file synced",
      note: "atomically: it syncs no directory",
    });
    const text = toMarkdown({ ...emptyReport, rows, comparisons: [compare(all)] });
    expect(text).toContain("| disk; baseline: file synced |");
    expect(text).toContain("| atomically | file synced |");
  });
});
