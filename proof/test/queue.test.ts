import { expect, test } from "vitest";
import { Random } from "../src/harness/random.ts";
import { Tally } from "../src/harness/tally.ts";
import { withTemporaryDirectory } from "../src/harness/temporary-directory.ts";
import { randomHistories } from "../src/queue/histories.ts";
import { queueSizes } from "../src/queue/queue.ts";
import { queueStorm } from "../src/queue/storm.ts";
import { examine } from "./support/examine.ts";

const { storm, histories } = queueSizes.test;

test("P1-P3, P5: a few workers, one after the other killed, complete every job once", async (context) => {
  const tally = await examine(context, (part) =>
    withTemporaryDirectory((directory) => queueStorm(part, directory, storm)),
  );
  expect(tally.counted("jobs")).toBe(storm.jobs);
  expect(tally.counted("kills")).toBe(storm.mostKills);
});

test("a queue whose jobs nobody completes ends the storm, and is told", async () => {
  const tally = new Tally();
  const part = { long: false, seed: 1, random: new Random(1), tally, say: () => undefined };
  await withTemporaryDirectory((directory) =>
    queueStorm(part, directory, { ...storm, jobs: 3, workers: 0, standstillMs: 200 }),
  );
  expect(tally.failures.join()).toMatch(/0 of 3 jobs are completed: .*"waiting":1/);
  expect(tally.counted("jobs")).toBe(0);
});

test("P1-P3: what clients of a queue saw, some of them killed, has an explanation", async (context) => {
  const tally = await examine(context, (part) => randomHistories(part, histories));
  expect(tally.counted("histories")).toBe(histories);
});
