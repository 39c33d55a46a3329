import { describe, expect, test } from "vitest";
import { jain, largest, median, percentile, quartiles, spread } from "../src/measure/statistics.ts";

describe("the statistics of the tables", () => {
  test("the median is the middle value, or the mean of the middle two", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test("numbers are ordered as numbers, and the caller's array is left as it is", () => {
    const values = [10, 9, 1, 100];
    expect(median(values)).toBe(9.5);
    expect(values).toEqual([10, 9, 1, 100]);
  });

  test("p99 is the smallest value that 99 in 100 do not exceed", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => at + 1);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([...hundred, 1000], 0.99)).toBe(100);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.99)).toBeNaN();
  });

  test("the spread is the distance of the extremes, in medians", () => {
    expect(spread([8, 10, 14])).toBeCloseTo(0.6);
    expect(spread([3, 3, 3])).toBe(0);
    expect(spread([0, 0])).toBe(0);
  });

  test("a single value has no spread, and there is no share of a median that is nothing", () => {
    expect(spread([7])).toBeNull();
    expect(spread([])).toBeNull();
    expect(spread([0, 0, 5])).toBeNull();
  });

  test("the quartiles leave as many values below the lower one as above the upper one", () => {
    const to = (count: number) => Array.from({ length: count }, (_, at) => count - at);
    expect([4, 5, 8, 15, 100].map((count) => quartiles(to(count)))).toEqual([
      [1, 4],
      [2, 4],
      [2, 7],
      [4, 12],
      [25, 76],
    ]);
  });

  test("Jain's index is 1 for equal shares and 1/n when one gets everything", () => {
    expect(jain([4, 4, 4, 4])).toBe(1);
    expect(jain([9, 0, 0])).toBeCloseTo(1 / 3);
    expect(jain([1, 3])).toBeCloseTo(0.8);
  });

  test("the largest of more values than an argument list holds", () => {
    expect(largest(Array.from({ length: 300_000 }, (_, at) => at))).toBe(299_999);
    expect(largest([-3, -1])).toBe(-1);
  });
});
