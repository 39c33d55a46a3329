import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { withoutEachSync } from "../src/states/dropped-sync.ts";
import { enumerate } from "../src/states/enumerate.ts";
import { checkKept, isCompleted } from "../src/states/judge.ts";
import { operations } from "../src/states/operations.ts";
import { onFastDisk, states } from "../src/states/states.ts";
import { type Step, trace } from "../src/states/trace.ts";
import { examine } from "./support/examine.ts";

test("T5, P3, P4, P5: whatever a loss of power leaves of up to three operations, nothing acknowledged is lost and nothing is half done", async (context) => {
  const tally = await examine(context, states);
  expect(tally.counted("states")).toBeGreaterThan(1_000);
  expect(tally.counted("bad")).toBe(0);
}, 120_000);

test("T5 says how many sequences it had no time for", async () => {
  const tally = new Tally();
  const part = { long: true, minutes: 0, seed: 1, random: new Random(1), tally, say: () => undefined };
  await states(part);
  expect(tally.counted("not_begun")).toBeGreaterThan(5_000);
  expect(tally.skips.join()).toContain("0 minutes were over");
});

test("T5 takes a torn tail for kept where all of it is set aside, and for completed only where it stood", async () => {
  await onFastDisk((scratch) => {
    writeFileSync(join(scratch, "events.jsonl"), '{"round":1}\n{"round":10}\n');
    const tail = '{"round":1';
    expect(() => checkKept(scratch, "flat", tail)).toThrow("is nowhere");
    writeFileSync(join(scratch, "events.jsonl.torn-1"), '{"round":');
    expect(() => checkKept(scratch, "flat", tail)).toThrow("is nowhere");
    writeFileSync(join(scratch, "events.jsonl.torn-2"), tail);
    checkKept(scratch, "flat", tail);
    return Promise.resolve();
  });
  const world = { left: undefined, right: undefined, events: "one\nthree\n" };
  expect(isCompleted({ at: 4, text: "th\0\0" }, world)).toBe(true);
  expect(isCompleted({ at: 4, text: "one" }, world)).toBe(false);
  expect(isCompleted({ at: 4, text: "three\0\0" }, world)).toBe(false);
});

/** What is missed of an operation when each of its syncs is left out in turn. */
async function missedSyncs(
  names: readonly string[],
  seed = 1,
): Promise<{ tried: string[]; missed: string[] }> {
  const steps = names.map((name): Step => {
    const [title, end = "done"] = name.split(", ") as [string, Step["end"]?];
    const operation = operations.find((each) => each.name === title);
    if (operation === undefined) throw new RangeError(title);
    return { operation, end };
  });
  return await onFastDisk(async (scratch) => {
    const random = new Random(seed);
    const traced = await trace({ shape: "flat", steps }, scratch, random);
    const tried: string[] = [];
    const missed: string[] = [];
    for (const { what, trace: mutilated, from } of withoutEachSync(traced)) {
      tried.push(what);
      let isSeen = false;
      for (const order of ["in order", "any"] as const) {
        const plan = { shape: "flat", order, statesEach: 8, random, scratch, firstOnly: true, from } as const;
        if (!isSeen) isSeen = (await enumerate(mutilated, plan)).bad.length > 0;
      }
      if (!isSeen) missed.push(what);
    }
    return { tried, missed };
  });
}

test.each([
  { names: ["update"], syncs: [".left.json.*.staged", "directory"] },
  { names: ["write", "remove"], syncs: ["directory"] },
  { names: ["append"], syncs: ["events.jsonl", "directory"] },
  { names: ["append", "rewrite"], syncs: [".events.jsonl.*.staged", "directory"] },
])("T5 sees each sync of $names that is left out", async ({ names, syncs }) => {
  expect(await missedSyncs(names)).toEqual({ tried: syncs, missed: [] });
});

test("T5 sees each sync of a transact that is left out", async () => {
  const { tried, missed } = await missedSyncs(["transact"]);
  expect(tried).toHaveLength(7);
  expect(missed).toEqual([]);
}, 120_000);

test("T5 sees a torn tail that was cut off before its copy was durable, or written over before the cut was", async () => {
  for (let seed = 1; seed < 40; seed += 1) {
    const { tried, missed } = await missedSyncs(["append", "append, power", "append"], seed);
    if (tried[0] !== "events.jsonl.torn-*") continue;
    // The name of the log is durable by then: syncing it once more is care, and nothing is missed without it.
    expect({ tried, missed }).toEqual({
      tried: ["events.jsonl.torn-*", "directory", "events.jsonl", "events.jsonl", "directory"], // the cut, then the lines
      missed: ["directory"],
    });
    return;
  }
  throw new Error("no state with a torn tail was chosen");
}, 120_000);
