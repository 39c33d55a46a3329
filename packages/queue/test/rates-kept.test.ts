import { expect, test } from "vitest";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

test("a rate counts the claims from before a compaction, though another limit was set since", async () => {
  const queue = openTestQueue(temporaryStore().store, { clock: new ManualClock() });
  const rate = { limit: 2, perMs: 60_000 };
  await queue.setLimits({ rate });
  await queue.enqueueMany([1, 2, 3].map((payload) => ({ payload })));
  expect(await queue.claim({ limit: 2 })).toHaveLength(2);
  await queue.setLimits({ rate, concurrency: 50 });
  expect(await queue.claim()).toEqual([]);
  await queue.compact();
  expect(await queue.claim()).toEqual([]);
});
