import { describe, expect, test } from "vitest";
import { figuresOf } from "../src/families/growth/crowds.ts";
import {
  judgeGrowth,
  measureGrowth,
  someOf,
  type Growing,
  type Growth,
  type MeasuredPoint,
} from "../src/families/growth/growth.ts";
import type { BenchContext } from "../src/measure/bench-context.ts";
import type { Measured } from "../src/measure/comparison.ts";

const metrics: Growth["metrics"] = [
  { name: "cost", unit: "us", better: "less", drawn: true },
  { name: "rate", unit: "ops/s", better: "more", drawn: true },
];

const at = (size: number, cost: readonly number[], rate: readonly number[] = []): MeasuredPoint => ({
  point: { label: `${size} MB`, size },
  figures: { cost, rate },
});

const judged = (points: readonly MeasuredPoint[], growing: Growing, ...faults: readonly string[]) =>
  judgeGrowth({ name: "a call", durability: "os", metrics }, { points, faults }, growing);

describe("what grows", () => {
  const flat: Growing = { metric: "cost", shape: "flat", atMost: 1.5 };

  test("flat: the largest size is held against the smallest, round by round", () => {
    const row = judged([at(1, [10, 20]), at(10, [90, 90]), at(100, [14, 28])], flat);
    expect(row).toMatchObject({ verdict: "met", ratio: 1.4, baselineName: "at 1 MB" });
    expect(judged([at(1, [10]), at(100, [16])], flat).verdict).toBe("not met");
  });

  test("flat from a size on: what is smaller does something else, and is nobody to be held against", () => {
    const row = judged([at(1, [1]), at(8, [10]), at(64, [12])], { ...flat, from: 8 });
    expect(row).toMatchObject({ verdict: "met", ratio: 1.2, baselineName: "at 8 MB" });
  });

  test("linear from a size on: steps below it are not looked at, unless there is no other", () => {
    const growing: Growing = { metric: "cost", shape: "linear", atMost: 1.3, from: 10 };
    expect(judged([at(1, [1]), at(10, [90]), at(100, [900])], growing)).toMatchObject({ ratio: 1 });
    expect(judged([at(1, [1]), at(10, [90])], growing)).toMatchObject({ ratio: 9 });
  });

  test("of what more is better, falling is growth", () => {
    const growing: Growing = { metric: "rate", shape: "flat", atMost: 1.5 };
    expect(judged([at(1, [], [100]), at(10, [], [60])], growing)).toMatchObject({
      verdict: "not met",
      goal: "baseline / ours ≤ 1.5",
    });
    expect(judged([at(1, [], [100]), at(10, [], [70])], growing).verdict).toBe("met");
  });

  test("linear: the row has the steepest step between neighbours, for each part", () => {
    const points = [at(1, [10]), at(10, [100]), at(100, [1_600]), at(1_000, [16_000])];
    const row = judged(points, { metric: "cost", shape: "linear", atMost: 1.3 });
    expect(row).toMatchObject({ verdict: "not met", ratio: 1.6, baselineName: "at 10 MB", ours: 160 });
  });

  test("what was lost at one size fails the row, however flat it is", () => {
    expect(judged([at(1, [1]), at(10, [1])], flat, "3 updates lost").verdict).toBe("not met");
  });

  test("one size is no growth", () => {
    expect(() => judged([at(1, [1])], flat)).toThrow("fewer than two sizes");
  });
});

describe("sizes", () => {
  const shown: Measured[] = [];
  const context: BenchContext = {
    directory: "",
    quick: false,
    file: (name) => name,
    say: () => {},
    seed: 42,
    show: (measured) => void shown.push(measured),
  };
  const points = [1, 10, 100].map((size) => ({ label: `${size} MB`, size }));

  test("are all open before the first round, and take turns in another order each time", async () => {
    const events: string[] = [];
    const growth: Growth = {
      name: "a call",
      durability: "os",
      metrics,
      points,
      rounds: 2,
      async open({ label }) {
        events.push(`open ${label}`);
        return {
          round: async () => ({ cost: events.push(label) }),
          end: async () => events.push(`end ${label}`),
        };
      },
    };
    await measureGrowth(context, growth);
    const rounds = ["1 MB", "10 MB", "100 MB", "10 MB", "1 MB", "100 MB"];
    const all = (what: string): string[] => points.map(({ label }) => `${what} ${label}`);
    expect(events).toEqual([...all("open"), ...rounds, ...all("end")]);
    expect(shown.at(-1)?.contenders.map(({ figures }) => figures["cost"])).toEqual([
      [4, 8],
      [5, 7],
      [6, 9],
    ]);
  });

  const ending = (message: string): Growth => ({
    name: "a call",
    durability: "os",
    metrics,
    points,
    rounds: 1,
    open: async ({ size }) => {
      if (size > 10) throw new Error(message);
      return { round: async () => ({ cost: 1 }), faults: async () => (size > 1 ? ["2 lines lost"] : []) };
    },
    endsBy: /Invalid string length/,
  });
  const flat: Growing = { metric: "cost", shape: "flat", atMost: 1.5 };

  test("end where the format does, and the row says so; what was lost fails it", async () => {
    const [row] = await measureGrowth(
      context,
      ending("it ended\nRangeError: Invalid string length\n at x"),
      flat,
    );
    expect(row?.note).toContain("100 MB: RangeError: Invalid string length");
    expect(row).toMatchObject({ verdict: "not met", faults: ["2 lines lost"], baselineName: "at 1 MB" });
  });

  test("do not end by anything else that breaks", async () => {
    await expect(measureGrowth(context, ending("out of memory"), flat)).rejects.toThrow("out of memory");
  });

  test("are two in a quick run", () => {
    expect(someOf({ ...context, quick: true }, points)).toHaveLength(2);
    expect(someOf(context, points)).toHaveLength(3);
  });
});

test("a crowd's throughput counts until the last one has ended, and its processor time is that of all", () => {
  expect(figuresOf({ wallMs: 2_000, done: [300, 100], cpuUs: [50_000, 30_000] })).toEqual({
    throughput: 200,
    "processor time an operation": 200,
    Jain: 0.8,
  });
});
