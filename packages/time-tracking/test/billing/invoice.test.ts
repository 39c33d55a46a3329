import { describe, expect, it } from "vitest";
import { makeLines, type LineOptions, type TimeEntry } from "../../src/index.ts";
import { apportion } from "../../src/money/apportion.ts";
import { formatAmount, type Money } from "../../src/money/money.ts";
import { roundDuration } from "../../src/money/rounding.ts";
import { rateOf } from "../../src/money/rates.ts";
import { fc } from "../support/property.ts";

const minute = 60_000;

function entry(
  at: number,
  ms: number,
  minorUnits: number,
  more: Partial<TimeEntry> = {},
): TimeEntry & { rate: Money } {
  const startedAtMs = Date.UTC(2026, 2, 1) + at;
  const interval = { startedAtMs, endedAtMs: startedAtMs + ms, workedMs: ms, localDay: "2026-03-01" };
  const work = { id: `e${at}-${ms}`, taskId: "1", actorId: "ada", timeZone: "UTC", billable: true };
  return { ...work, ...interval, ...more, rate: { minorUnits, currency: "EUR" } };
}

const entries = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 100 * minute }),
    ms: fc.integer({ min: 0, max: 300 * minute }),
    rate: fc.constantFrom(0, 1, 3333, 9000, 12_345_678),
    taskId: fc.constantFrom("1", "2", "3", "4", "5"),
    supervision: fc.constantFrom("hands-on", "supervised", "autonomous"),
  }),
  { minLength: 1, maxLength: 25 },
);

const options: fc.Arbitrary<LineOptions> = fc.record({
  by: fc.constantFrom("task", "actor", "entry"),
  basis: fc.constantFrom("sum", "union", "weighted"),
  weights: fc.constant({ supervised: 250, autonomous: 50 }),
  rounding: fc.record({
    direction: fc.constantFrom("none", "up", "down", "nearest"),
    incrementMinutes: fc.constantFrom(1, 5, 6, 15, 30),
    minimumMinutes: fc.constantFrom(0, 10, 90),
    scope: fc.constantFrom("invoice", "line"),
  }),
} as const);

describe("an invoice", () => {
  it("its lines add up to its total, in time and in money, whatever the rates, the basis and the rounding", () => {
    fc.assert(
      fc.property(entries, options, (list, how) => {
        const all = list.map(({ at, ms, rate, taskId, supervision }, index) =>
          entry(at, ms, rate, { id: `e${index}`, taskId, supervision: supervision as "supervised" }),
        );
        const { lines, billedMs, total } = makeLines({ entries: all, adjustments: [] }, how);
        expect(lines.reduce((sum, line) => sum + line.billedMs, 0)).toBe(billedMs);
        expect(lines.reduce((sum, { amount }) => sum + amount.minorUnits, 0)).toBe(total.minorUnits);
        // The totals, worked out another way: rounded once, from what is exact.
        const cost = lines.reduce(
          (sum, line) => sum + BigInt(line.billedMs) * BigInt(line.perHour.minorUnits),
          0n,
        );
        expect(BigInt(total.minorUnits)).toBe((2n * cost + 3_600_000n) / 7_200_000n);
        const worked = all.reduce((sum, { workedMs }) => sum + workedMs, 0);
        if (how.basis === "sum" && how.rounding?.scope === "invoice")
          expect(billedMs).toBe(roundDuration(worked, how.rounding));
        for (const { billedMs: ms, amount } of lines) {
          expect(ms).toBeGreaterThanOrEqual(0);
          expect(Number.isSafeInteger(amount.minorUnits)).toBe(true);
        }
        expect(lines.reduce((sum, line) => sum + line.entries, 0)).toBe(all.length);
        // No line is further from its exact price than one unit of the currency.
        for (const { amount, billedMs: ms, perHour } of lines)
          expect(Math.abs(amount.minorUnits - (ms * perHour.minorUnits) / 3_600_000)).toBeLessThan(1.000_001);
        if (how.rounding?.direction === "none" && how.basis === "sum" && how.rounding.minimumMinutes === 0)
          expect(billedMs).toBe(all.reduce((sum, { workedMs }) => sum + workedMs, 0));
      }),
      { numRuns: 300 },
    );
  });

  it("three thirds of a rounded hour are an hour, not an hour and two cents", () => {
    const list = ["1", "2", "3"].map((taskId, at) =>
      entry(at * 20 * minute, 20 * minute, 10_000, { taskId }),
    );
    const { lines, total } = makeLines({ entries: list, adjustments: [] }, {});
    expect([lines.map(({ amount }) => amount.minorUnits), total.minorUnits]).toEqual([
      [3334, 3333, 3333],
      10_000,
    ]);
  });

  it("an hour of five agents at once bills one hour, five hours, or what the human put in", () => {
    const list = Array.from({ length: 5 }, (_, at) =>
      entry(0, 60 * minute, 10_000, { id: `e${at}`, actorId: `agent${at}`, supervision: "supervised" }),
    );
    const bill = (basis: "sum" | "union" | "weighted"): unknown =>
      makeLines({ entries: list, adjustments: [] }, { basis, weights: { supervised: 250 } }).total.minorUnits;
    expect([bill("union"), bill("sum"), bill("weighted")]).toEqual([10_000, 50_000, 12_500]);
  });

  it("rounding happens once: ten calls of a minute, rounded up to a quarter, are a quarter", () => {
    const list = Array.from({ length: 10 }, (_, at) =>
      entry(at * 5 * minute, minute, 6000, { taskId: String(at) }),
    );
    const rounding = { direction: "up", incrementMinutes: 15 } as const;
    expect(makeLines({ entries: list, adjustments: [] }, { rounding }).billedMs).toBe(15 * minute);
    const each = makeLines({ entries: list, adjustments: [] }, { rounding: { ...rounding, scope: "line" } });
    expect(each.billedMs).toBe(150 * minute);
  });

  it("corrections are lines of their own, exact, and may take away", () => {
    const adjustment = {
      id: "a1",
      entryId: "e1",
      taskId: "1",
      actorId: "ada",
      deltaMs: -20 * minute,
      reason: "Was at lunch",
      atMs: 0,
      localDay: "2026-03-02",
      billable: true,
      rate: { minorUnits: 10_000, currency: "EUR" },
    };
    const { lines, total } = makeLines(
      { entries: [entry(0, 60 * minute, 10_000)], adjustments: [adjustment] },
      {},
    );
    expect(lines.map(({ kind, amount }) => [kind, amount.minorUnits])).toEqual([
      ["work", 10_000],
      ["correction", -3333],
    ]);
    expect(total.minorUnits).toBe(6667);
  });

  it("currencies are not mixed", () => {
    const dollars = { ...entry(9, 9, 9), rate: { minorUnits: 1, currency: "USD" } };
    expect(() => makeLines({ entries: [entry(0, 1, 1), dollars], adjustments: [] }, {})).toThrow(
      "EUR and USD",
    );
  });
});

describe("arithmetic", () => {
  it("shares by largest remainder add up, and none is more than one off", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 10n ** 20n }), { minLength: 1, maxLength: 20 }),
        fc.bigInt({ min: 1n, max: 10n ** 9n }),
        (exact, denominator) => {
          const whole = exact.reduce((sum, each) => sum + each, 0n) / denominator;
          const shares = apportion(exact, denominator, whole);
          expect(shares.reduce((sum, share) => sum + share, 0n)).toBe(whole);
          for (const [at, share] of shares.entries()) {
            const floor = (exact[at] ?? 0n) / denominator;
            expect(share === floor || share === floor + 1n).toBe(true);
          }
        },
      ),
    );
  });

  it("what a minimum adds is shared by size: of one minute and nine, an hour is six and fifty-four", () => {
    expect(apportion([1n, 9n], 1n, 60n)).toEqual([6n, 54n]);
    expect(apportion([0n, 0n, 0n], 1n, 10n)).toEqual([4n, 3n, 3n]);
    const { lines, billedMs } = makeLines(
      {
        entries: [entry(0, minute, 6_000), { ...entry(minute, 9 * minute, 6_000), taskId: "2" }],
        adjustments: [],
      },
      { rounding: { direction: "up", minimumMinutes: 60 } },
    );
    expect(lines.map((line) => [line.key, line.billedMs / minute, line.amount.minorUnits])).toEqual([
      ["1", 6, 600],
      ["2", 54, 5_400],
    ]);
    expect(billedMs).toBe(60 * minute);
  });

  it("durations round up, down or to the nearest, and to a minimum", () => {
    const round = (
      minutes: number,
      direction: "up" | "down" | "nearest" | "none",
      minimumMinutes = 0,
    ): number =>
      roundDuration(minutes * minute, { direction, incrementMinutes: 15, minimumMinutes }) / minute;
    expect([round(1, "up"), round(15, "up"), round(16, "up")]).toEqual([15, 15, 30]);
    expect([round(14, "down"), round(29, "down"), round(0, "up", 30)]).toEqual([0, 15, 0]);
    expect([round(7, "nearest"), round(7.5, "nearest"), round(1, "none", 10)]).toEqual([0, 15, 10]);
    expect([round(1, "down", 10), round(1, "up", 20)]).toEqual([10, 30]);
  });

  it("amounts are written with the decimals of their currency", () => {
    const text = (minorUnits: number, currency: string): string => formatAmount({ minorUnits, currency });
    expect([text(-5, "EUR"), text(123_456, "JPY"), text(1_234_567, "KWD")]).toEqual([
      "-0.05",
      "123456",
      "1234.567",
    ]);
  });

  it("the rate that names the most holds, and of equals the latest", () => {
    const perHour = (minorUnits: number): Money => ({ minorUnits, currency: "EUR" });
    const rates = [
      { perHour: perHour(1), from: "2026-01-01" },
      { perHour: perHour(2), from: "2026-02-01" },
      { perHour: perHour(3), clientId: "acme" },
      { perHour: perHour(4), taskId: "9", actorId: "ada" },
    ];
    const of = (more: Partial<TimeEntry>): number | undefined =>
      rateOf(rates, entry(0, 0, 0, more))?.minorUnits;
    expect([of({}), of({ localDay: "2026-01-31" }), of({ localDay: "2025-12-31" })]).toEqual([
      2,
      1,
      undefined,
    ]);
    expect([of({ clientId: "acme" }), of({ clientId: "acme", taskId: "9" })]).toEqual([3, 4]);
  });
});
