import { expect, test } from "vitest";
import { plantedBugs } from "../src/planted/bugs.ts";
import { planted } from "../src/planted/planted.ts";
import { examine } from "./support/examine.ts";

test("a package with a bug that was planted in it is found out, and one without is not", async (context) => {
  const tally = await examine(context, planted);
  expect(tally.counted("caught")).toBe(3);
});

test("every planted bug has a name of its own, and is said by something", () => {
  const names = plantedBugs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThan(30);
});
