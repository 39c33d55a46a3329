import { expect, test } from "vitest";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

test("a scope that is none pauses nothing, where it would be the whole queue", async () => {
  const queue = openTestQueue(temporaryStore().store);
  for (const scope of ["tenant 7", { key: "tenant 7" }, { limitKey: 7 }, null])
    await expect(queue.pause(scope as never)).rejects.toThrow(/A scope is/);
  expect((await queue.stats()).paused).toBe(false);
});

test("a claimed job is explained by who has it, and until when", async () => {
  const clock = new ManualClock();
  const queue = openTestQueue(temporaryStore().store, { clock });
  const { id } = await queue.enqueue(1);
  await queue.claim({ leaseMs: 60_000 });
  clock.pass(1_000);
  const until = new Date(clock.now() + 59_000).toISOString();
  expect((await queue.explain(id)).reasons).toEqual([
    { why: "claimed", text: expect.stringContaining(`pid ${process.pid}`) },
  ]);
  expect((await queue.explain(id)).reasons[0]?.text).toContain(`until ${until}`);
});
