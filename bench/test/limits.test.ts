import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { families } from "../src/families/families.ts";
import { applies, findRow, goalOf } from "../src/limit.ts";
import { limits, withLimits } from "../src/limits.ts";
import type { Report } from "../src/measure/report.ts";
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

describe("what stops a fleet beside proper-lockfile is told by the other rows of the same rounds", () => {
  const throughput = (baseline: string, perSecond: number, atLeast: number) =>
    judge({
      name: "8 processes, 1 ms section, 1 ms think: throughput",
      durability: "none",
      unit: "ops/s",
      ours: [100],
      baseline: { name: baseline, values: [perSecond] },
      goal: { compared: "ours / baseline", atLeast },
    });
  const textWith = (c: number, node: number): string | undefined =>
    withLimits("lock", [
      throughput("C flock", c, 0.88),
      throughput("Node on the addon's thread alone", node, 0.95),
      throughput("proper-lockfile, 1 ms", 100, 1.3),
    ])[2]?.limit;

  test("where C does not reach the goal, nobody would", () => {
    expect(textWith(120, 110)).toContain("most of a turn");
  });

  test("where C does and Node that only waits does not, it is the event loop", () => {
    expect(textWith(200, 120)).toContain("which is woken twice");
  });

  test("where both do, it is ours", () => {
    expect(textWith(200, 140)).toContain("ours: ");
    expect(textWith(200, 140)).toContain("C has 2.00 and Node that only waits 1.40 times");
  });

  test("where the report lacks those rows, nothing is said of them", () => {
    expect(withLimits("lock", [throughput("proper-lockfile, 1 ms", 100, 1.3)])[0]?.limit).toBeUndefined();
  });
});

function reportOf(family: string): Report {
  const path = new URL(`../results/${family}.json`, import.meta.url);
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  return { ...report, rows: report.rows.map((row) => ({ ...row, faults: row.faults ?? [] })) }; // old ones have none
}

const reports = new Map([...families.keys()].map((family) => [family, reportOf(family)]));

/** The README's sections, by their headings. */
const sections = new Map(
  readFileSync(new URL("../README.md", import.meta.url), "utf8")
    .split(/^##+ /m)
    .map((section) => [section.slice(0, section.indexOf("\n")), section]),
);

/** Columns that the tables of these reports were stored without: measured anew they have them, and go from here. */
const lacking = new Map([
  ["document", ["worst wait", "Jain"]],
  ["log", ["worst wait", "Jain"]],
]);

describe.each([...reports])("the stored report of %s", (family, { rows, comparisons }) => {
  const own = limits.filter((each) => each.family === family);

  test("says of each row that missed, by its figures, what stops it", () => {
    const bare = rows.map((row) => ({ ...row, limit: undefined }));
    const silent = withLimits(family, bare).filter(
      ({ verdict, faults, limit }) => verdict === "not met" && faults.length === 0 && limit === undefined,
    );
    expect(silent.map(({ name, baselineName }) => [name, baselineName])).toEqual([]);
  });

  test("has all figures that a text was made of", () => {
    const texts = withLimits(family, rows).flatMap(({ limit }) => limit ?? []);
    expect(texts.filter((text) => /NaN|Infinity|undefined|null/.test(text))).toEqual([]);
  });

  test("has each row that a text rests on", () => {
    const missing = own.flatMap(({ rests = [] }) =>
      rests.filter((each) => findRow(rows, each) === undefined),
    );
    expect(missing).toEqual([]);
  });

  test("has each row and each table that a text names", () => {
    const named = withLimits(family, rows).flatMap(({ limit = "" }) =>
      [...limit.matchAll(/\b(rows?|table) "([^"]+)"/g)].map(([, kind = "", name = ""]) => ({ kind, name })),
    );
    const missing = named.filter(({ kind, name }) =>
      kind === "table"
        ? !comparisons.some((each) => each.name === name)
        : !rows.some((each) => each.name === name),
    );
    expect(missing).toEqual([]);
  });

  test("has the columns that a text points at, in the table of the row's contenders", () => {
    const missing = own.flatMap((each) =>
      (each.columns ?? []).flatMap((column) =>
        rows
          .filter((row) => applies(each, row))
          .filter(({ name }) => {
            const table = comparisons.find((comparison) => name.startsWith(`${comparison.name}: `));
            return table?.metrics.every((metric) => metric.name !== column) ?? true;
          })
          .map(({ name }) => ({ column, name })),
      ),
    );
    expect([...new Set(missing.map(({ column }) => column))]).toEqual(lacking.get(family) ?? []);
  });
});

test("every limit has its measurements under a heading of the README, in the words that it names", () => {
  const untold = limits.filter(({ heading, told }) => sections.get(heading)?.includes(told) !== true);
  expect(untold.map(({ row, heading, told }) => `${row.source}: ${heading}: ${told}`)).toEqual([]);
});

test("every goal of a stored row is a number", () => {
  const goals = [...reports.values()].flatMap(({ rows }) =>
    rows.filter(({ verdict }) => verdict !== "skipped"),
  );
  expect(goals.filter((row) => row.goal !== "-" && Number.isNaN(goalOf(row)))).toEqual([]);
});
