import { fc } from "../support/property.ts";
import { describe, expect, it } from "vitest";
import {
  localDayOf,
  localTimeOf,
  nextDay,
  splitByLocalDay,
  startOfLocalDay,
  weekOf,
} from "../../src/time/local-day.ts";
import { mostAtOnce, overlaps, shareUnion, unionMs, type Interval } from "../../src/time/interval.ts";

const zones = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Pacific/Apia",
  "America/St_Johns",
  "Africa/Casablanca",
  "Asia/Tehran",
  "Pacific/Kiritimati",
  "America/Havana",
];
const hourMs = 3_600_000;
const zone = fc.constantFrom(...zones);
const moment = fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2035, 0, 1) });

const interval = fc.record({
  start: fc.integer({ min: 0, max: 500 }),
  length: fc.integer({ min: 0, max: 200 }),
});
const intervals = fc
  .array(interval, { maxLength: 30 })
  .map((list) =>
    list.map(({ start, length }): Interval => ({ startedAtMs: start, endedAtMs: start + length })),
  );

describe("days", () => {
  it("a day when clocks go forward has 23 hours, and one when they go back 25", () => {
    const hoursOf = (day: string, timeZone: string): number =>
      (startOfLocalDay(nextDay(day), timeZone) - startOfLocalDay(day, timeZone)) / hourMs;
    expect(["2026-03-28", "2026-03-29", "2026-10-25"].map((day) => hoursOf(day, "Europe/Berlin"))).toEqual([
      24, 23, 25,
    ]);
    expect(hoursOf("2026-04-05", "Australia/Lord_Howe")).toBe(24.5);
    expect(hoursOf("2011-12-30", "Pacific/Apia")).toBe(0);
    expect(hoursOf("2018-11-04", "America/Sao_Paulo")).toBe(23);
  });

  it("weeks begin on Monday", () => {
    expect(["2026-03-01", "2026-03-02", "2026-01-01"].map(weekOf)).toEqual([
      "2026-02-23",
      "2026-03-02",
      "2025-12-29",
    ]);
  });

  it("P8: cutting a stretch at midnights loses nothing and gains nothing, in any zone", () => {
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 0, max: 10 * 24 * hourMs }),
        zone,
        (startedAtMs, length, timeZone) => {
          const parts = splitByLocalDay({ startedAtMs, endedAtMs: startedAtMs + length }, timeZone);
          expect(parts.reduce((sum, part) => sum + part.endedAtMs - part.startedAtMs, 0)).toBe(length);
          let at = startedAtMs;
          for (const part of parts) {
            expect(part.startedAtMs).toBe(at);
            at = part.endedAtMs;
          }
          const days = parts.map(({ day }) => day);
          expect(days).toEqual([...new Set(days)].toSorted());
        },
      ),
    );
  });

  it("a moment is in the day that the system says, and its clock shows that time", () => {
    fc.assert(
      fc.property(moment, zone, (at, timeZone) => {
        const shown = new Intl.DateTimeFormat("sv-SE", {
          timeZone,
          dateStyle: "short",
          timeStyle: "medium",
        }).format(at);
        expect(`${localTimeOf(at, timeZone).replace("T", " ")}`).toBe(shown);
        expect(localDayOf(at, timeZone)).toBe(shown.slice(0, 10));
      }),
    );
  });
});

describe("stretches", () => {
  it("what ends where another begins does not overlap it", () => {
    expect(overlaps({ startedAtMs: 0, endedAtMs: 5 }, { startedAtMs: 5, endedAtMs: 9 })).toBe(false);
    expect(overlaps({ startedAtMs: 0, endedAtMs: 6 }, { startedAtMs: 5, endedAtMs: 9 })).toBe(true);
    expect(overlaps({ startedAtMs: 5, endedAtMs: 5 }, { startedAtMs: 0, endedAtMs: 9 })).toBe(false);
  });

  it("the union counts each millisecond once, and its shares add up to it", () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const covered = new Set<number>();
        const counts = new Map<number, number>();
        for (const { startedAtMs, endedAtMs } of list)
          for (let at = startedAtMs; at < endedAtMs; at += 1) {
            covered.add(at);
            counts.set(at, (counts.get(at) ?? 0) + 1);
          }
        expect(unionMs(list)).toBe(covered.size);
        expect(mostAtOnce(list)).toBe(Math.max(0, ...counts.values()));
        const shares = shareUnion(list);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(covered.size);
        for (const [at, { startedAtMs, endedAtMs }] of list.entries())
          expect(shares[at]).toBeLessThanOrEqual(endedAtMs - startedAtMs);
      }),
    );
  });
});
