import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { limits, withLimits } from "../src/limits.ts";
import { judge, unmeasured, type Measurement } from "../src/measure/row.ts";

const missed: Measurement = {
  name: "uncontended withWriteLock",
  durability: "none",
  unit: "us",
  ours: [4],
  goal: { compared: "ours", atMost: 3 },
};

test("a row that misses its goal says what stops it, one that meets it does not", () => {
  const rows = withLimits("lock", [judge(missed), judge({ ...missed, ours: [2] })]);
  expect(rows.map(({ limit }) => limit !== undefined)).toEqual([true, false]);
  expect(rows[0]?.limit).toContain("README: Where the time of a lock goes");
});

test("nothing excuses a row that something spoiled, nor a row of another family", () => {
  const spoiled = [
    judge({ ...missed, faults: ["3 updates lost"] }),
    unmeasured(missed.name, "not met", "broke"),
  ];
  expect(withLimits("lock", spoiled)).toEqual(spoiled);
  expect(withLimits("queue", [judge(missed)])[0]?.limit).toBeUndefined();
});

test("every limit has its measurements under a heading of the README", () => {
  const headings: readonly string[] =
    readFileSync(new URL("../README.md", import.meta.url), "utf8").match(/(?<=^### ).*$/gm) ?? [];
  expect(limits.map(({ heading }) => heading).filter((heading) => !headings.includes(heading))).toEqual([]);
});
