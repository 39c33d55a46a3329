import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { issueAppends } from "../src/families/beads/row-names.ts";
import { families } from "../src/families/families.ts";
import { applies, findRow, goalOf, tableOf, type Limit, type RowName } from "../src/limit.ts";
import { spreads } from "../src/limit-words.ts";
import { limits, withLimits } from "../src/limits.ts";
import { aheadRows, compare, type Measured } from "../src/measure/comparison.ts";
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

test("what nothing explains says how far the rounds of both lie apart, where there are several", () => {
  const row = judge({
    ...missed,
    ours: [4, 6, 8],
    baseline: { name: "C", values: [2, 2, 3] },
    goal: { compared: "ours / baseline", atMost: 1 },
  });
  expect(spreads(row)).toBe("the rounds of ours spread by 67 %, the rounds of C spread by 50 %");
  expect(spreads({ ...row, oursSpread: null, baselineName: null })).toBe("ours is of one round");
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

describe("what stops an append of an issue is told by the same append without any lock", () => {
  const proper = "proper-lockfile + append";
  const row = (name: string, perSecond: number) =>
    judge({
      name,
      durability: "os",
      unit: "ops/s",
      ours: [perSecond],
      baseline: { name: proper, values: [100] },
      goal: { compared: "ours / baseline", atLeast: 20 },
    });
  const textWith = (callers: number, ours: number, unlocked: number): string | undefined => {
    const rows = [
      row(issueAppends(callers), ours),
      row(`${issueAppends(callers)}, without any lock`, unlocked),
      row(issueAppends(32), 10_000),
    ];
    return withLimits("beads", rows)[0]?.limit;
  };

  test("where that does not reach the goal, nobody would who shares nothing", () => {
    expect(textWith(1, 500, 1_900)).toContain("19 times the baseline");
    expect(textWith(1, 500, 1_900)).toContain("less than the goal");
  });

  test("where it does, it is the lock, beside callers who share it", () => {
    const text = textWith(1, 500, 50_000);
    expect(text).toContain("A line of ours takes 2,000 us");
    expect(text).toContain("where 32 callers share a hold, it is 100 us");
  });

  test("nothing explains those who share it already", () => {
    expect(textWith(32, 1_500, 50_000)).toMatch(/^not explained: /);
  });
});

describe("a text has the figures of the table of the row's contenders", () => {
  const name = "update of a 1 MB document, os, one process";
  const contender = (who: string, throughput: number, p50: number) => ({
    name: who,
    figures: { throughput: [throughput], p50: [p50], p99: [30_000], "processor time": [p50 - 1_000] },
  });
  const textWith = (p50: number): string | undefined => {
    const measured: Measured = {
      name,
      durability: "os",
      metrics: ["throughput", "p50", "p99", "processor time"].map((metric) => ({
        name: metric,
        unit: metric === "throughput" ? "ops/s" : "us",
        better: metric === "throughput" ? "more" : "less",
        drawn: false,
      })),
      contenders: [contender("Flockwork", 90, p50), contender("better-sqlite3, WAL, NORMAL", 100, 9_000)],
    };
    return withLimits("document", aheadRows(measured, "throughput"), [compare(measured)])[0]?.limit;
  };

  test("of ours and of its baseline", () => {
    expect(textWith(8_000)).toContain("p50, 8,000 us beside 9,000 us");
    expect(textWith(8_000)).toContain("7,000 us beside 8,000 us of processor time");
  });

  test("and explains nothing where they say otherwise", () => {
    expect(textWith(9_500)).toMatch(/^not explained: p50 9,500 us beside 9,000 us/);
  });
});

test("core's document stops a start in a whole file only where it has missed the goal by itself", () => {
  const subject = "one field changed by core's document";
  const row = (what: string, ours: number) =>
    judge({
      name: `processor time of ${what}, of 50 000 entries that another changed`,
      durability: "disk",
      unit: "ms",
      ours: [ours],
      baseline: { name: "read, parse, write, fsync, rename", values: [100] },
      goal: { compared: "ours / baseline", atMost: 1.2 },
    });
  const textWith = (document: number): string | undefined =>
    withLimits("time", [row("a start or stop", 300), row(subject, document)])[0]?.limit;
  expect(textWith(280)).toContain("takes 2.80 times the baseline");
  expect(textWith(110)).toBeUndefined();
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

describe.each([...reports])("the stored report of %s", (family, { rows, comparisons }) => {
  const own = limits.filter((each) => each.family === family);
  const told = withLimits(family, rows, comparisons);
  const isThere = (each: RowName): boolean => findRow(rows, each) !== undefined;

  test("says of each row that missed, by its figures, what stops it", () => {
    const canTell = (each: Limit): boolean => (each.rests ?? []).every(isThere);
    const silent = told.filter(
      (row) =>
        row.verdict === "not met" &&
        row.faults.length === 0 &&
        row.limit === undefined &&
        own.filter((each) => applies(each, row)).every(canTell),
    );
    expect(silent.map(({ name, baselineName }) => [name, baselineName])).toEqual([]);
  });

  test("has all figures that a text was made of", () => {
    const texts = told.flatMap(({ limit }) => limit ?? []);
    expect(texts.filter((text) => /NaN|Infinity|undefined|null/.test(text))).toEqual([]);
  });

  test("has each row that a text rests on", () => {
    const missing = own.flatMap(({ rests = [] }) => rests.filter((each) => !isThere(each)));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  test("has each row and each table that a text names", () => {
    const named = told.flatMap(({ limit = "" }) =>
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
          .filter((row) => tableOf(row, comparisons)?.metrics.every(({ name }) => name !== column) ?? true)
          .map(({ name }) => ({ column, name })),
      ),
    );
    expect([...new Set(missing.map(({ column }) => column))]).toEqual([]);
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
