import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { oldBugs, plantedBugs } from "../src/planted/bugs.ts";
import { lookCalled } from "../src/planted/looks.ts";
import { plantBugs, planted } from "../src/planted/planted.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { examine } from "./support/examine.ts";

const all = [...plantedBugs, ...oldBugs];

test("a package with a bug that was planted in it is found out, and one without is not", async (context) => {
  const tally = await examine(context, planted);
  expect(tally.counted("caught")).toBe(3);
});

test("every planted bug has a name of its own, and is said by something", () => {
  const names = all.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(plantedBugs.length).toBeGreaterThan(30);
});

test("every planted bug can still be planted: what it replaces is in the source once", () => {
  for (const { name, edits } of all)
    for (const { file, before } of edits) {
      const source = readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
      expect(source.split(before).length - 1, `${name}, in ${file}`).toBe(1);
    }
});

test("every look finds what it is about, and a look at what is not there is refused", async () => {
  for (const look of new Set(all.map(({ look }) => look))) await lookCalled(look);
  for (const look of ["faults: no such operation", "domains: no such operation", "clocks: none", "SQL: none"])
    await expect(lookCalled(look), look).rejects.toThrow(RangeError);
});

test("what is said where nothing is planted, and the name of a check, are no reasons", async () => {
  const bug = plantedBugs.find(({ look }) => look === "SQL");
  const seen = async (sees: RegExp): Promise<string> => {
    const tally = new Tally();
    const context = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
    await plantBugs(context, bug === undefined ? [] : [{ ...bug, sees }]);
    expect(tally.passed + tally.failed).toBe(2);
    return tally.failures.join("\n");
  };
  expect(await seen(/^SQL: /m)).toContain("is said though nothing is planted");
  expect(await seen(/SQL in a value is a value/)).toContain("is the name of a check");
});
