import { describe, expect, test } from "vitest";
import { countedBy, summarize } from "../src/measure/fleet.ts";

describe("a fleet on one lock", () => {
  test("readers change nothing: only what writers did has to be in the file", () => {
    const writers = [{ waitsUs: [1, 2, 3] }, { waitsUs: [1], counted: 1 }];
    const readers = [{ waitsUs: [1, 2, 3, 4], counted: 0 }];
    expect(countedBy([...writers, ...readers])).toBe(4);
  });

  test("makes as many a second as ended in time, and each of them counts in the waits and in the file", () => {
    const members = [
      { waitsUs: [1_000, 2_000, 3_000], inTime: 3, cpuUs: 500 },
      { waitsUs: [9_000], inTime: 0, cpuUs: 300 },
    ];
    expect(summarize(members, 2)).toMatchObject({
      operations: 3,
      opsPerSecond: 1.5,
      worstMs: 9,
      jain: 0.5,
      cpuUs: 200,
    });
    expect(countedBy(members)).toBe(4);
  });
});
