import { expect, test, vi } from "vitest";
import type { JobLine } from "../src/job-line.ts";
import type { Queue } from "../src/queue.ts";
import { QueueState } from "../src/state/queue-state.ts";
import { at, laidFiles, unspeakable } from "./support/laid-files.ts";
import { ManualClock } from "./support/manual-clock.ts";
import { openTestQueue } from "./support/queue-directory.ts";

const job = (id: string, more: object = {}) => ({ id, at, payload: 1, ...more });
const self = { pid: 1, host: "elsewhere" };

function open(tasks: readonly unknown[], events: readonly unknown[] = []) {
  const files = laidFiles({ "tasks.jsonl": tasks, "events.jsonl": events });
  return { ...files, queue: openTestQueue(files.store, { clock: new ManualClock() }) };
}

async function firstEvents(queue: Queue, count: number, from?: string) {
  const seen = [];
  for await (const each of queue.events({ from })) if (seen.push(each) === count) break;
  return seen;
}

test("a job that replaces itself waits, and jobs that replace each other come to an end", async () => {
  const { queue } = open([
    job("a", { replaces: "a" }),
    job("b", { dependsOn: ["a"] }),
    job("c", { replaces: "d" }),
    job("d", { replaces: "c" }),
    job("c", { replaces: "d" }),
    job("e", { dependsOn: ["c", "d"] }),
  ]);
  expect(await queue.stats()).toMatchObject({ waiting: 2, blocked: 2, replaced: 1, foreignLines: 1 });
  expect((await queue.get("a")).replacedBy).toBeUndefined();
  expect((await queue.explain("e")).reasons.map(({ text }) => text)).toContain(
    "waits on d, which is waiting",
  );
});

const claimed = { type: "claimed", at, job: "a", token: "1", by: "h", leaseMs: 1e15, up: 0 };
const ofClaim = { at, job: "a", token: "1" };
const single: readonly (readonly [string, object, object])[] = [
  ["paused", {}, { paused: true }],
  ["draining", {}, { draining: true }],
  ["limited", { limits: { concurrency: 3 } }, { limits: { concurrency: 3 } }],
  ["joined", { by: "h", clock: "c", process: self }, {}],
  ["compacted", { token: "5" }, {}],
  ["failed", { ...ofClaim, error: { name: "E", message: "no" }, dead: "attempts" }, { dead: 1 }],
  ["released", ofClaim, { waiting: 1 }],
  ["cancelled", { job: "a" }, { cancelled: 1 }],
];

test.each(single)(
  "an event that is %s is that, whatever lists it has beside",
  async (type, fields, shows) => {
    for (const jobs of [null, [1], "ab", ["a"]]) {
      const { queue } = open(
        [job("a")],
        [claimed, { type, at, ...fields, jobs, tokens: jobs }, { type: "paused", at }],
      );
      const stats = await queue.stats();
      expect(stats).toMatchObject({ paused: true, foreignLines: 0, ...shows });
      expect(await queue.stats()).toEqual(stats);
      expect((await firstEvents(queue, 4)).map(({ event }) => event.type)).toEqual([
        "enqueued",
        "claimed",
        type,
        "paused",
      ]);
      await queue.compact();
      expect(await queue.stats()).toEqual(stats);
    }
  },
);

test("a look that fails in the middle of the events loses none of them for the next one", async () => {
  const { queue } = open(
    [job("a")],
    [
      { type: "limited", at, limits: { perKey: 2 } },
      { type: "paused", at },
    ],
  );
  const broken = vi.spyOn(QueueState.prototype, "setLimits").mockImplementationOnce(() => {
    throw new Error("broken");
  });
  await expect(queue.stats()).rejects.toThrow("broken");
  expect(await queue.stats()).toMatchObject({ paused: true, limits: { perKey: 2 }, waiting: 1 });
  broken.mockRestore();
});

const passedOver: readonly (readonly [string, object])[] = [
  ["a reason that is no text", { type: "cancelled", at, job: "a", reason: unspeakable }],
  ["a death that is no text", { type: "failed", ...ofClaim, error: { message: "no" }, dead: unspeakable }],
  ["a death of an expired claim that is no text", { type: "expired", ...ofClaim, dead: unspeakable }],
  ["a death of a released claim that is no text", { type: "released", ...ofClaim, dead: [1] }],
  ["an error whose name is no text", { type: "failed", ...ofClaim, error: { name: 1, message: "no" } }],
  ["a lease before all dates", { ...claimed, token: "2", leaseMs: -1e308 }],
  ["a lease after all dates", { ...claimed, token: "2", leaseMs: 1e308 }],
  ["a clock before its beginning", { ...claimed, token: "2", up: -1e308 }],
  ["a message that is no text", { type: "logged", ...ofClaim, message: unspeakable }],
  ["a pause of a key that is no text", { type: "paused", at, limitKey: null }],
  ["limits that are a list", { type: "limited", at, limits: [] }],
  ["a rate in so many letters", { type: "limited", at, limits: { rate: { limit: 1, perMs: "60000" } } }],
];

test.each(passedOver)("%s: the line is passed over, and stays", async (_, event) => {
  const { queue, texts } = open([job("a")], [claimed, event]);
  expect(await queue.stats()).toMatchObject({ claimed: 1, foreignLines: 1, limits: {} });
  expect((await queue.explain("a")).reasons[0]?.text).toMatch(/^claimed by h since .* unless extended$/);
  expect((await queue.history("a")).map(({ type }) => type)).toEqual(["claimed"]);
  await queue.compact();
  expect(texts()[1]).toContain(JSON.stringify(event));
});

test("a schedule puts into its jobs only what a schedule may have", async () => {
  const odd = { dependsOn: 5, at: unspeakable, runAt: unspeakable, id: "mine", key: "k", priority: 3 };
  const schedule = { name: "n", cron: "* * * * *", payload: 1, ...odd };
  const { queue, texts } = open([], [{ type: "scheduled", at, schedule }]);
  await queue.tick();
  expect(
    texts()[0]
      ?.trim()
      .split("\n")
      .map((line) => JSON.parse(line) as JobLine),
  ).toEqual([
    {
      id: "n@2026-05-01T12:00:00.000Z",
      at: "2026-05-01T12:00:00.000Z",
      payload: 1,
      priority: 3,
      schedule: { name: "n", slot: "2026-05-01T12:00:00.000Z" },
    },
  ]);
  expect(await queue.stats()).toMatchObject({ waiting: 1, schedules: ["n"] });
});

test("a schedule whose jobs cannot be stored keeps none of the others, and is told where it is alone", async () => {
  const scheduled = (name: string, payload: string): string =>
    `{"type":"scheduled","at":"${at}","schedule":{"name":"${name}","cron":"* * * * *","payload":${payload}}}`;
  const { queue } = open([], [scheduled("odd", "12345678901234567890"), scheduled("good", "1")]);
  await queue.tick();
  expect((await queue.list("waiting")).map(({ schedule }) => schedule?.name)).toEqual(["good"]);
  await expect(queue.tick()).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
});

test("a schedule that would make up for more than ten thousand instants is refused, and passed over in the file", async () => {
  const schedule = { name: "n", cron: "* * * * *", payload: 1, backfill: 400_000 };
  const { queue, texts } = open([], [{ type: "scheduled", at: "2025-01-01T00:00:00.000Z", schedule }]);
  await queue.tick();
  expect(await queue.stats()).toMatchObject({ waiting: 0, schedules: [], foreignLines: 1 });
  await expect(queue.schedule(schedule)).rejects.toThrow(/backfill must be a whole number from 0 to 10000/);
  expect(texts()[0]).toBe("");
});

test("a schedule makes up for ten thousand instants at once", async () => {
  const schedule = { name: "n", cron: "* * * * *", payload: 1, backfill: 10_000 };
  const { queue } = open([], [{ type: "scheduled", at: "1985-01-01T00:00:00.000Z", schedule }]);
  await queue.tick();
  expect((await queue.stats()).waiting).toBe(10_001);
});

const unnamed: readonly (readonly [string, object])[] = [
  ["is no text", { at, id: unspeakable }],
  ["is a number", { at, id: 5 }],
  ["is two words", { at, id: "a b" }],
  ["is too long", { at, id: "a".repeat(65) }],
  ["is missing, and its time has a long comment", { at: `1 Jan 2026 (${"x".repeat(100)})` }],
];

test.each(unnamed)("a stream goes on after a compaction whose id %s", async (_, compacted) => {
  const { queue } = open(
    [],
    [
      { type: "compacted", ...compacted },
      { type: "paused", at },
    ],
  );
  const [first] = await firstEvents(queue, 1);
  expect(first?.event.type).toBe("compacted");
  expect((await firstEvents(queue, 1, first?.next)).map(({ event }) => event.type)).toEqual(["paused"]);
});

test("a backoff of nothing stays nothing, whatever it is multiplied by", async () => {
  const { queue } = open([job("a", { backoff: { baseMs: 0, factor: 1e308 } })]);
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    const [claim] = await queue.claim();
    await claim?.fail("no");
  }
  expect(await queue.get("a")).toMatchObject({ state: "waiting", failures: 4 });
});

const highest = "9".repeat(38);

test("behind the highest token there can be nothing is claimed, and nothing written", async () => {
  const { queue, texts } = open([job("a"), job("b")], [{ type: "compacted", at, token: highest }]);
  const before = texts();
  for (const limit of [1, 2])
    await expect(queue.claim({ limit })).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
      message: expect.stringContaining(`${highest} for a claim of`),
    });
  expect(texts()).toEqual(before);
});

test("a claim that is refused for its token notes no claim of others as expired", async () => {
  const claimed = { type: "claimed", at, by: "gone", leaseMs: 0, up: 3, job: "b", token: "7" };
  const { queue, texts } = open([job("a"), job("b")], [claimed, { type: "compacted", at, token: highest }]);
  const before = texts();
  await expect(queue.claim()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  expect(texts()).toEqual(before);
});

test("the last token there is goes to one job, and everybody knows of that claim", async () => {
  const token = `${"9".repeat(37)}8`;
  const { queue, store, texts } = open([job("a"), job("b")], [{ type: "compacted", at, token }]);
  const claims = await queue.claim({ limit: 2 });
  expect(claims.map(({ jobId, token: granted }) => [jobId, granted])).toEqual([["a", highest]]);
  const before = texts();
  const other = openTestQueue(store, { clock: new ManualClock() });
  expect(await other.stats()).toMatchObject({ claimed: 1, waiting: 1, foreignLines: 0 });
  await expect(other.claim()).rejects.toMatchObject({ code: "ERR_UNSUPPORTED" });
  expect(texts()).toEqual(before);
  await claims[0]?.complete();
  expect(await other.stats()).toMatchObject({ completed: 1, waiting: 1 });
});

test("one job that a hundred and thirty thousand wait for can be replaced", () => {
  const state = new QueueState("");
  state.addJob(job("a"));
  for (let at = 0; at < 130_000; at += 1) state.addJob(job(`d${at}`, { dependsOn: ["a"] }));
  state.addJob(job("b", { replaces: "a" }));
  expect(state.counts).toMatchObject({ waiting: 1, replaced: 1, blocked: 130_000 });
});

test("of a hundred and thirty thousand sets of requirements the oldest job is found", () => {
  const state = new QueueState("");
  for (let each = 0; each < 130_000; each += 1) state.addJob(job(`j${each}`, { requires: [`r${each}`] }));
  expect(state.ready.oldestMs()).toBe(Date.parse(at));
});
