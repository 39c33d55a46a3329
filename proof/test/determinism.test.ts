import { expect, test } from "vitest";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { simulateSeeds } from "../src/states/determinism.ts";
import { examine } from "./support/examine.ts";

test("T16, D1, G3, L1: one seed is one run of several clients, and different seeds are different runs", async (context) => {
  const tally = await examine(context, (part) => simulateSeeds(part, 60));
  expect(tally.counted("distinct")).toBe(60);
});

test("T16 sees chance that comes from elsewhere", async () => {
  const tally = new Tally();
  const part = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
  await simulateSeeds(part, 20, Math.random);
  expect(tally.counted("different")).toBeGreaterThan(10);
});
