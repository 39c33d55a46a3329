/** Rewriting of files, cut short by SIGKILL at each of its file calls. */
import { appendFileSync, cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { expect, test } from "vitest";
import { convertQueue } from "../src/convert-queue.ts";
import { openQueue } from "../src/open-queue.ts";
import type { Job } from "../src/job.ts";
import { momentsOf } from "./support/moments.ts";
import { openTestQueue, strayFiles, temporaryStore } from "./support/queue-directory.ts";

const where = { directory: "queue", durability: "os" } as const;
const retention = { completed: 1, dead: 0 };
const states = ["waiting", "delayed", "blocked", "claimed", "completed", "dead", "cancelled"] as const;

const isStray = (name: string): boolean => !["native.jsonl", "native.jsonl.lock"].includes(name);

/** A directory in which a queue of all kinds of jobs lies; nothing is claimed. */
async function makeQueue() {
  const { directory: root } = temporaryStore();
  const directory = join(root, "town");
  const queue = openTestQueue<unknown, number>(fileStore(directory), { retention });
  await queue.enqueueMany([
    { id: "done 1", payload: 1, priority: -9 },
    { id: "done 2", payload: 2, priority: -8 },
    { id: "given up", payload: 3, priority: -7, maxAttempts: 1 },
    { id: "taken back", payload: 4 },
    { id: "one", payload: "same", key: "k", maxAttempts: 9 },
    { id: "two", payload: "same", group: "g" },
    { id: "later", payload: 5, delayMs: 3_600_000 },
    { id: "after", payload: 6, dependsOn: ["one"] },
  ]);
  for (const result of [1, 2]) await (await queue.claim())[0]?.complete(result);
  const [claim] = await queue.claim();
  await claim?.fail("no");
  await queue.cancel("taken back", "not needed");
  await queue.setLimits({ concurrency: 3 });
  await queue.pause({ group: "g" });
  return { root, directory, queue, token: BigInt(claim?.token ?? 0) };
}

/** Everything that a newcomer sees of the queue of a directory. */
async function viewOf(directory: string) {
  const queue = openQueue<unknown, number>(fileStore(directory), { ...where, retention });
  const jobs: Job<unknown, number>[] = [];
  for (const state of states) jobs.push(...(await queue.list(state)));
  const { paused, draining, foreignLines } = await queue.stats();
  await queue.close();
  return { jobs, paused, draining, foreignLines };
}

test("a compaction that is cut short anywhere leaves the old queue or the new one, and is made good by the next", async () => {
  const { directory, queue, token } = await makeQueue();
  const before = await viewOf(directory);
  const moments = await momentsOf(directory, () => queue.compact());
  const after = await viewOf(directory);
  expect(after.jobs.map(({ id }) => id).toSorted()).toEqual(["after", "later", "one", "taken back", "two"]);
  const seen = new Set<string>();
  for (const moment of moments) {
    const found = await viewOf(moment);
    expect([before, after]).toContainEqual(found);
    seen.add(JSON.stringify(found));
    const locked = `${moment}.locked`;
    cpSync(moment, locked, { recursive: true, verbatimSymlinks: true });
    await openTestQueue(fileStore(locked), { retention }).enqueue("somebody takes the lock");
    const [jobs, events] = ["tasks.jsonl", "events.jsonl"].map((name) =>
      readFileSync(join(locked, "queue", name), "utf8").includes('"done 1"'),
    );
    expect(jobs).toBe(events);
    const next = openTestQueue(fileStore(moment), { retention });
    await next.compact();
    expect(await viewOf(moment)).toEqual(after);
    expect(readFileSync(join(moment, "queue", "tasks.jsonl"), "utf8")).toBe(
      readFileSync(join(directory, "queue", "tasks.jsonl"), "utf8"),
    );
    expect(strayFiles(moment)).toEqual([]);
    const [claim] = await next.claim();
    expect(claim?.job.id).toBe("one");
    expect(BigInt(claim?.token ?? 0)).toBeGreaterThan(token);
  }
  expect(seen.size).toBe(2);
  expect(moments.length).toBeGreaterThan(10);
});

test("jobs that are enqueued together and cut short anywhere are all there for the next, or none", async () => {
  const { directory } = await makeQueue();
  const ids = ["a", "b", "c"];
  const moments = await momentsOf(directory, () =>
    openTestQueue(fileStore(directory)).enqueueMany(
      ids.map((id) => ({ id, payload: 0, ...(id === "c" && { dependsOn: ["b"] }) })),
    ),
  );
  const seen = new Set<string>();
  for (const moment of moments) {
    await openTestQueue(fileStore(moment)).enqueue("somebody takes the lock");
    const { jobs } = await viewOf(moment);
    seen.add(
      jobs
        .map(({ id }) => id)
        .filter((id) => ids.includes(id))
        .join(),
    );
  }
  expect([...seen].toSorted()).toEqual(["", "a,b,c"]);
});

test("a conversion to the plain format that is cut short anywhere goes on, or back, and loses nothing", async () => {
  const { directory } = await makeQueue();
  const tasks = (of: string): string => readFileSync(join(of, "queue", "tasks.jsonl"), "utf8");
  const before = await viewOf(directory);
  const moments = await momentsOf(directory, () => convertQueue(fileStore(directory), "plain", where));
  expect(tasks(directory)).toBe('"same"\n"same"\n');
  for (const moment of moments) {
    cpSync(moment, `${moment}.back`, { recursive: true, verbatimSymlinks: true });
    await convertQueue(fileStore(moment), "plain", where);
    expect(tasks(moment)).toBe('"same"\n"same"\n');
    for (const each of [moment, `${moment}.back`]) {
      await convertQueue(fileStore(each), "native", where);
      expect(await viewOf(each)).toEqual(before);
    }
    expect(strayFiles(moment).filter(isStray)).toEqual([]);
  }
});

test("a conversion from the plain format that is cut short anywhere is made good by the next", async () => {
  const { directory } = await makeQueue();
  await convertQueue(fileStore(directory), "plain", where);
  expect(await openQueue(fileStore(directory), { format: "plain", ...where }).dequeue()).toBe("same");
  appendFileSync(join(directory, "queue", "tasks.jsonl"), '{"new":"task"}\n');
  const moments = await momentsOf(directory, () => convertQueue(fileStore(directory), "native", where));
  const known = ({ jobs, ...rest }: Awaited<ReturnType<typeof viewOf>>) => ({
    ...rest,
    jobs: jobs.map(({ id, payload, state, reason, attempts }) =>
      typeof payload === "object" ? { payload, state } : { id, payload, state, reason, attempts },
    ),
  });
  const after = known(await viewOf(directory));
  expect(after.jobs).toContainEqual({ payload: { new: "task" }, state: "waiting" });
  expect(after.jobs.find(({ id }) => id === "one")).toMatchObject({
    state: "cancelled",
    reason: "taken while the queue was plain",
  });
  for (const moment of moments) {
    await convertQueue(fileStore(moment), "native", where);
    expect(known(await viewOf(moment))).toEqual(after);
    expect(strayFiles(moment).filter(isStray)).toEqual([]);
  }
});
