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

test("a stream that goes on from before a compaction begins again with what was kept, and misses nothing", async () => {
  const { store } = temporaryStore();
  const queue = openTestQueue<string>(store, { retention: { completed: 0 } });
  const nextOf = async (job: string): Promise<string> => {
    for await (const { event, next } of queue.events())
      if (event.type === "enqueued" && event.job === job) return next;
    return "";
  };
  for (const id of ["a", "b", "c"]) await queue.enqueue(id, { id });
  const from = await nextOf("c");
  for (const claim of await queue.claim({ limit: 2 })) await claim.complete();
  await queue.compact();
  await queue.enqueue("d", { id: "d" });
  const jobsFrom = async (position: string): Promise<string[]> => {
    const jobs: string[] = [];
    for await (const { event } of queue.events({ from: position })) {
      if (event.type === "enqueued") jobs.push(event.job);
      if (jobs.at(-1) === "d") break;
    }
    return jobs;
  };
  expect(await jobsFrom(from)).toEqual(["c", "d"]);
  const since = await nextOf("c");
  await queue.enqueue("e", { id: "e" });
  for await (const { event } of queue.events({ from: since })) {
    expect(event).toMatchObject({ type: "enqueued", job: "d" }); // of the same compaction: it goes on
    break;
  }
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

test("where one call completes a job and another claims the next of its group, the stream tells them in that order", async () => {
  const { store } = temporaryStore();
  const queue = openTestQueue<string>(store);
  for (const id of ["first", "second"]) await queue.enqueue(id, { id, group: "g" });
  await queue.enqueue("free", { id: "free" });
  const [first] = await queue.claim();
  const told: string[] = [];
  await Promise.all([queue.claim(), first?.complete(), queue.claim()]); // one hold of the lock decides all three
  for await (const { event } of queue.events()) {
    if ("job" in event && event.type !== "enqueued") told.push(`${event.type} ${event.job}`);
    if (told.length === 4) break;
  }
  expect(told).toEqual(["claimed first", "completed first", "claimed free", "claimed second"]);
});
