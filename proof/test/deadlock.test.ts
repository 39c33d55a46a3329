import { expect, test } from "vitest";
import { deadlockSizes, lockSets, writeBesideReaders } from "../src/deadlock/deadlock.ts";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { examine } from "./support/examine.ts";

test("T12, P13: random sets of locks, none in the order of another, all end", async (context) => {
  const tally = await examine(context, (part) => lockSets(part, deadlockSizes.test.sets));
  expect(tally.counted("sets")).toBe(deadlockSizes.test.sets);
});

test("T12, P1, L6: readers that overlap do not keep a writer out", async (context) => {
  const { writes } = deadlockSizes.test;
  const tally = await examine(context, (part) => writeBesideReaders(part, writes));
  expect(tally.counted("writes_beside_readers")).toBe(writes);
});

test("T12 sees readers that do: those of flock(2) alone", async () => {
  const tally = new Tally();
  const part = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
  await writeBesideReaders(part, 1, "bare", 1_000);
  expect(tally.failures.join()).toContain("ERR_LOCK_TIMEOUT");
});
