import { describe, expect, test } from "vitest";
import { summarize } from "../src/measure/counted-fleet.ts";

const answer = (latenciesUs: readonly number[], inTime = latenciesUs.length) => ({
  latenciesUs,
  inTime,
  failed: 0,
  cpuUs: 1_000,
});

describe("a fleet that counts something up", () => {
  const busy = answer(Array.from({ length: 998 }, (_, at) => at + 1));
  const starved = answer([2_000_000, 3_000_000], 1);

  test("has the percentiles of all calls, in which two of a thousand are two of a thousand", () => {
    const { p50, p99 } = summarize([busy, starved], 2);
    expect(p50).toBe(500);
    expect(p99).toBe(990);
  });

  test("shows in its worst wait, and in Jain's index, that one of its processes got nothing", () => {
    const figures = summarize([busy, starved], 2);
    expect(figures["worst wait"]).toBe(3_000_000);
    expect(figures.Jain).toBeCloseTo(0.501);
    expect(summarize([busy, busy], 2).Jain).toBe(1);
  });

  test("makes as many a second as were acknowledged in time, each for its share of the processor", () => {
    const { throughput, "processor time": cpu } = summarize([busy, starved], 2);
    expect(throughput).toBe(999 / 2);
    expect(cpu).toBe(2);
  });

  test("has no latency where nothing was done", () => {
    expect(summarize([answer([])], 1)).toMatchObject({
      throughput: 0,
      p50: NaN,
      p99: NaN,
      "worst wait": NaN,
    });
  });
});
