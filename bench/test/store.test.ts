import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Report } from "../src/measure/report.ts";
import { judge } from "../src/measure/row.ts";
import { UnusablePathError } from "../src/measure/usable-path.ts";
import { openReport, redraw } from "../src/store.ts";
import { aMachine } from "./a-machine.ts";

const place = mkdtempSync(join(tmpdir(), "store-"));

afterAll(() => rmSync(place, { recursive: true }));

const run = { command: "npm run bench -- document", commit: "aaaaaaa", date: "2026-01-02", seed: 42 };
const machine = { ...aMachine, kernel: "6.1" };
const kind = { quick: false, machine, versions: { steno: "4.0.2" } };

const ofGroup = (group: string, us: number): Report => ({
  family: "document",
  ...run,
  ...kind,
  groups: [{ group, ...run, othersShare: 0, loadBefore: 1, loadAfter: 2 }],
  rows: [
    {
      group,
      ...judge({
        name: `a row of ${group}`,
        durability: "disk",
        unit: "us",
        ours: [us],
        goal: { compared: "ours", atMost: 10 },
      }),
    },
  ],
  comparisons: [],
});

const open = (name: string, of = kind) => {
  const directory = join(place, name);
  return { path: join(directory, "document.json"), ...openReport(directory, "document", of, () => {}) };
};
const rowsIn = (path: string): unknown[] =>
  (JSON.parse(readFileSync(path, "utf8")) as Report).rows.map(({ group, ours }) => [group, ours]);

test("each group is in the report, with its table and its picture, before the next one is measured", () => {
  const { path, add } = open(".");
  add(ofGroup("updates", 1));
  expect(rowsIn(path)).toEqual([["updates", 1]]);
  expect(existsSync(join(place, "document.md")) && existsSync(join(place, "document.svg"))).toBe(true);
  add(ofGroup("reads", 2));
  expect(rowsIn(path)).toEqual([
    ["updates", 1],
    ["reads", 2],
  ]);
});

test("a run that was interrupted leaves the other groups as an earlier one measured them", () => {
  const { path, add } = open(".");
  add(ofGroup("reads", 3));
  expect(rowsIn(path)).toEqual([
    ["updates", 1],
    ["reads", 3],
  ]);
});

test.each([
  ["a quick run", { ...kind, quick: true }, "it is of a full run"],
  ["another kernel", { ...kind, machine: { ...machine, kernel: "6.2" } }, "kernel was 6.1, and is 6.2 now"],
  ["another version", { ...kind, versions: { steno: "5.0.0" } }, "steno was 4.0.2, and is 5.0.0 now"],
])("a stored report is not given up for %s, which says what to do", (_, other, why) => {
  const before = readFileSync(join(place, "document.json"), "utf8");
  expect(() => open(".", other)).toThrow(UnusablePathError);
  expect(() => open(".", other)).toThrow(`${why}. Remove it or name another directory`);
  expect(readFileSync(join(place, "document.json"), "utf8")).toBe(before);
});

test("nor is a file that is no report", () => {
  writeFileSync(join(place, "lock.json"), "{}");
  expect(() => openReport(place, "lock", kind, () => {})).toThrow("lock.json is no report");
});

test("a report that is drawn again says of its rows what is known of them now", () => {
  const { path, add } = open("drawn");
  mkdirSync(join(place, "drawn"));
  add(ofGroup("updates", 20));
  const report = JSON.parse(readFileSync(path, "utf8")) as Report;
  const old = report.rows.map((row) => ({ ...row, limit: "what was said of it once" }));
  writeFileSync(path, JSON.stringify({ ...report, rows: old }));
  expect(redraw(path)).toBe(join(place, "drawn/document.svg"));
  expect(readFileSync(join(place, "drawn/document.md"), "utf8")).not.toContain("said of it once");
  expect(rowsIn(path)).toEqual([["updates", 20]]);
});
