import { describe, expect, test } from "vitest";
import { aheadRows } from "../src/measure/comparison.ts";
import type { FleetFigures } from "../src/measure/fleet.ts";
import {
  besideC,
  bothParts,
  measuredOf,
  readersOnly,
  type Ended,
} from "../src/families/lock/reader-fleets.ts";

const figures = (opsPerSecond: number, worstMs = 1): FleetFigures => ({
  operations: opsPerSecond,
  opsPerSecond,
  p50Ms: 0,
  p99Ms: worstMs,
  worstMs,
  jain: 1,
  cpuUs: 10,
});

const ended = (name: string, kind: Ended["who"]["kind"], groups: readonly FleetFigures[]): Ended => ({
  who: { name, kind },
  runs: [{ groups, lost: 0 }],
  faults: [],
});

describe("readers side by side", () => {
  const ours = ended("Flockwork", "peer", [figures(900)]);
  const measured = (...others: readonly Ended[]) =>
    measuredOf("8 readers", { all: [ours, ...others] }, [readersOnly], true);

  test("are held against the best that promises less, and against C in another row", () => {
    const all = measured(
      ended("fs-ext", "bare", [figures(800)]),
      ended("os-lock", "bare", [figures(850)]),
      ended("C flock", "line", [figures(1_000)]),
    );
    const [row] = aheadRows(all, "throughput");
    expect(row).toMatchObject({ baselineName: "os-lock", verdict: "met" });
    expect(row?.note).toContain("no look whether the file is still the same one");
    expect(besideC(all)).toMatchObject({ baselineName: "C flock", ratio: 0.9, verdict: "met" });
  });

  test("have a row beside C where there is no C: a skipped one", () => {
    const inC = { ...ended("C flock", "line", []), runs: [], missing: "there is no cc" };
    expect(besideC(measured(inC))).toMatchObject({
      name: "8 readers: throughput, beside C",
      verdict: "skipped",
    });
  });
});

test("readers beside a writer have figures of their own, and so has the writer", () => {
  const ours = ended("Flockwork", "peer", [figures(700, 3), figures(300, 5)]);
  const starving = ended("fs-ext", "bare", [figures(6_000, 1), figures(1, 1_250)]);
  const measured = measuredOf("7 readers beside a writer", { all: [ours, starving] }, bothParts, true);
  const rows = aheadRows(measured, "throughput of the readers", "worst wait of the writer");
  expect(rows.map(({ name, ours: own, baseline, verdict }) => [name, own, baseline, verdict])).toEqual([
    [
      "7 readers beside a writer: throughput of the readers, beside the best that promises less",
      700,
      6_000,
      "not met",
    ],
    [
      "7 readers beside a writer: worst wait of the writer, beside the best that promises less",
      5,
      1_250,
      "met",
    ],
  ]);
});
