import { appendFileSync, existsSync, readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { convertQueue } from "../src/convert-queue.ts";
import { openQueue } from "../src/open-queue.ts";
import { at, laidFiles } from "./support/laid-files.ts";
import { openTestQueue, temporaryStore } from "./support/queue-directory.ts";

const where = { directory: "queue", durability: "os" } as const;

function open() {
  const { store, directory } = temporaryStore();
  const path = join(directory, "queue", "tasks.jsonl");
  return { store, directory, path, plain: openQueue<unknown>(store, { format: "plain", ...where }) };
}

test("the plain format is the guide's: append at the end, take from the top, null when empty", async () => {
  const { plain, path, directory } = open();
  expect(await plain.dequeue()).toBeNull();
  expect(await plain.peek()).toBeNull();
  await plain.enqueue({ id: 1 });
  await plain.enqueue({ id: 2 });
  expect(readFileSync(path, "utf8")).toBe('{"id":1}\n{"id":2}\n');
  expect(await plain.peek()).toEqual({ id: 1 });
  expect(await plain.dequeue()).toEqual({ id: 1 });
  expect(readFileSync(path, "utf8")).toBe('{"id":2}\n');
  expect(await plain.length()).toBe(1);
  expect(existsSync(join(directory, "queue", ".gastown", "locks", "tasks.jsonl.lock"))).toBe(true);
});

test("what others wrote keeps its bytes, whatever is taken before it", async () => {
  const { plain, path, directory } = open();
  mkdirSync(join(directory, "queue"));
  const line = '{"z":1.50,"big":12345678901234567890,"text":"\\u003c"}';
  writeFileSync(path, `"first"\n${line}\n`);
  expect(await plain.dequeue()).toBe("first");
  expect(readFileSync(path, "utf8")).toBe(`${line}\n`);
});

test("many takers get each task once", async () => {
  const { store, plain } = open();
  for (let at = 0; at < 20; at += 1) await plain.enqueue(at);
  const other = openQueue<unknown>(store, { format: "plain", ...where });
  const taken = await Promise.all(Array.from({ length: 24 }, (_, at) => (at % 2 ? plain : other).dequeue()));
  const numbers = taken.filter((task) => task !== null).map(Number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => at));
});

test("converting there and back loses nothing: what was taken is over, what was added waits, the rest is as it was", async () => {
  const { store, directory, path, plain } = open();
  const queue = openTestQueue<string, number>(store);
  const [one, two, three, later] = await queue.enqueueMany([
    { payload: "one", priority: 1, key: "k" },
    { payload: "two" },
    { payload: "two", maxAttempts: 9 },
    { payload: "later", delayMs: 3_600_000 },
  ]);
  await queue.enqueue("done", { id: "done" });
  const claims = await queue.claim({ limit: 3 });
  await claims.find(({ jobId }) => jobId === "done")?.complete(7);
  await expect(convertQueue(store, "plain", where)).rejects.toMatchObject({
    code: "ERR_JOB_STATE",
    state: "claimed",
  });
  for (const claim of claims) if (claim.jobId !== "done") await claim.release();
  const before = readFileSync(path, "utf8");

  expect(await convertQueue(store, "plain", where)).toEqual({ waiting: 3, aside: 2 });
  expect(readFileSync(path, "utf8")).toBe('"two"\n"two"\n"one"\n');
  expect(await convertQueue(store, "plain", where)).toEqual({ waiting: 0, aside: 0 }); // it is plain already
  expect(await plain.dequeue()).toBe("two");
  appendFileSync(path, '{"new":"task"}\n');

  expect((await convertQueue(store, "native", where)).waiting).toBe(3);
  expect(readFileSync(path, "utf8").startsWith(before)).toBe(true);
  const again = openTestQueue<unknown, number>(store);
  expect(await again.get(two?.id ?? "")).toMatchObject({
    state: "cancelled",
    reason: "taken while the queue was plain",
  });
  expect(await again.get(three?.id ?? "")).toMatchObject({ state: "waiting", maxAttempts: 9 });
  expect(await again.get(one?.id ?? "")).toMatchObject({ state: "waiting", priority: 1, key: "k" });
  expect(await again.get(later?.id ?? "")).toMatchObject({ state: "delayed" });
  expect(await again.get("done")).toMatchObject({ state: "completed", result: 7 });
  expect((await again.claim({ limit: 9 })).map(({ job }) => job.payload)).toEqual([
    "two",
    { new: "task" },
    "one",
  ]);
  expect(readFileSync(join(directory, "queue", "native.jsonl"), "utf8")).toBe("");
  expect((await again.stats()).paused).toBe(false);
});

test("a plain file that somebody else made becomes a queue", async () => {
  const { store, directory, path } = open();
  mkdirSync(join(directory, "queue"));
  writeFileSync(path, '{"a":1}\n{"b":12345678901234567890}\n');
  expect(await convertQueue(store, "native", where)).toEqual({ waiting: 2, aside: 0 });
  expect(readFileSync(path, "utf8")).toContain('"payload":{"b":12345678901234567890}}\n');
  expect((await openTestQueue(store).claim())[0]?.job.payload).toEqual({ a: 1 });
});

test("digits that a JavaScript number cannot hold stay as they are, from either format to the other", async () => {
  const { store, directory, path } = open();
  mkdirSync(join(directory, "queue"));
  const tasks = '{"b":12345678901234567890,"c":[1.50,-9007199254740993]}\n9007199254740993\n';
  writeFileSync(path, tasks);
  for (const format of ["native", "plain"] as const) await convertQueue(store, format, where);
  expect(readFileSync(path, "utf8")).toBe(tasks);
});

test("there and back, a paused queue stays paused, and a line that was no job stays none", async () => {
  const { store, path, plain } = open();
  const queue = openTestQueue<unknown>(store);
  await queue.enqueue("job");
  appendFileSync(path, '{"foreign":1.50}\n{"foreign":2}\n');
  await queue.pause();
  const before = readFileSync(path, "utf8");
  await convertQueue(store, "plain", where);
  await convertQueue(store, "native", where);
  expect(readFileSync(path, "utf8")).toBe(before);
  expect(await openTestQueue(store).stats()).toMatchObject({ waiting: 1, paused: true, foreignLines: 2 });

  await convertQueue(store, "plain", where);
  for (const task of ["job", { foreign: 1.5 }]) expect(await plain.dequeue()).toEqual(task);
  await convertQueue(store, "native", where);
  const [job, foreign, ...rest] = readFileSync(path, "utf8").split("\n");
  expect([JSON.parse(job ?? ""), foreign, rest]).toEqual([
    expect.objectContaining({ payload: "job" }),
    '{"foreign":2}',
    [""],
  ]);
  expect(await openTestQueue(store).stats()).toMatchObject({ waiting: 0, cancelled: 1, foreignLines: 1 });
});

const archived = { from: "tasks", line: { id: "a", at, payload: 1 } };
const waiting = { from: "waiting", line: ["a"] };

test.each([
  [null],
  [5],
  [[]],
  [{}],
  [{ from: "tasks" }],
  [{ from: "elsewhere", line: 1 }],
  [{ from: 5, line: 1 }],
])(
  "a copy of the native queue that holds %j is refused by a typed error, and every file stays",
  async (odd) => {
    const events = [{ type: "paused", at }];
    const plain = laidFiles({
      "tasks.jsonl": ["1"],
      "events.jsonl": events,
      "native.jsonl": [archived, odd],
    });
    const native = laidFiles({
      "tasks.jsonl": [archived.line],
      "events.jsonl": events,
      "native.jsonl": [odd],
    });
    for (const [format, { store, texts }] of [
      ["native", plain],
      ["plain", native],
    ] as const) {
      const before = texts();
      await expect(convertQueue(store, format, where)).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT" });
      expect(texts()).toEqual(before);
    }
  },
);

test("copies that somebody wrote anew, in another order or with more in them, come back with all their digits", async () => {
  const line = (id: string, payload: string): string => `{"id":"${id}","at":"${at}","payload":${payload}}`;
  const { store, texts } = laidFiles({
    "tasks.jsonl": ["1", "12345678901234567890"],
    "events.jsonl": [],
    "native.jsonl": [
      `{"line":${line("a", "1")},"from":"tasks"}`,
      `{"from":"tasks", "line":${line("b", "12345678901234567890")}} `,
      `{"from":"tasks","line":${line("c", "3")},"note":"mine"}`,
      '{"line":{"type":"paused","at":"2026-01-01T00:00:00.000Z"},"from":"events"}',
      { from: "waiting", line: ["a", "b"] },
    ],
  });
  await convertQueue(store, "native", where);
  expect(texts()).toEqual([
    [line("a", "1"), line("b", "12345678901234567890"), line("c", "3"), ""].join("\n"),
    '{"type":"paused","at":"2026-01-01T00:00:00.000Z"}\n',
    "",
  ]);
});

test("a task too deep to become a job is refused by a typed error, and every file stays", async () => {
  const { store, texts } = laidFiles({
    "tasks.jsonl": ["1", `${"[".repeat(512)}${"]".repeat(512)}`],
    "events.jsonl": [],
    "native.jsonl": [archived, { from: "events", line: { type: "paused", at } }, waiting],
  });
  const before = texts();
  await expect(convertQueue(store, "native", where)).rejects.toMatchObject({ code: "ERR_RECORD_INVALID" });
  expect(texts()).toEqual(before);
});

test("of two lines with one id the first goes into the plain file, and both come back", async () => {
  const lines = [archived.line, { ...archived.line, payload: "another" }];
  const { store, texts } = laidFiles({ "tasks.jsonl": lines, "events.jsonl": [] });
  const before = texts();
  await convertQueue(store, "plain", where);
  expect(texts()[0]).toBe("1\n");
  await convertQueue(store, "native", where);
  expect(texts()).toEqual(before);
});
