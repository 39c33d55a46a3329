import { expect, test } from "vitest";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

test("the stream tells what is there and what comes, a job before its events, and goes on where it was left", async () => {
  const { store } = temporaryStore();
  const queue = openTestQueue<string>(store);
  const other = openTestQueue<string>(store);
  const { id } = await queue.enqueue("one");
  await (await queue.claim())[0]?.complete("done");
  const seen: string[] = [];
  let from = "";
  const controller = new AbortController();
  for await (const { event, next } of other.events({ signal: controller.signal })) {
    seen.push(event.type);
    from = next;
    if (event.type === "completed") await queue.enqueue("two", { id: "two" });
    if (event.type === "enqueued" && event.job === "two") controller.abort();
  }
  expect(seen).toEqual(["enqueued", "joined", "claimed", "completed", "enqueued"]);
  await queue.cancel("two");
  for await (const { event } of queue.events({ from })) {
    expect(event).toMatchObject({ type: "cancelled", job: "two" });
    break;
  }
  expect((await queue.history(id)).map(({ type }) => type)).toEqual(["claimed", "completed"]);
});

test("progress and log lines are kept with the job", async () => {
  const { store } = temporaryStore();
  const queue = openTestQueue<string>(store);
  const { id } = await queue.enqueue("work");
  const [claim] = await queue.claim();
  await claim?.progress({ done: 3, of: 10 });
  await claim?.log("three down");
  expect((await openTestQueue(store).get(id)).progress).toEqual({ done: 3, of: 10 });
  expect(await queue.history(id)).toMatchObject([
    { type: "claimed" },
    { type: "progressed", progress: { done: 3, of: 10 } },
    { type: "logged", message: "three down" },
  ]);
});
