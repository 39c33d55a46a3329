/** Files of time in which somebody wrote what they may hold, and what means nothing. */
import { expect, test } from "vitest";
import { instantOf, UnsupportedError } from "@flockwork/core";
import { flowforgeProvider, openTimeTracking, timelineSvg, timelineText } from "../src/index.ts";
import { contentOf, odd, projectWith } from "./support/odd-files.ts";

const file = "billing/time-tracking.json";
const history = "billing/time-history.jsonl";
const startedAtMs = 1_772_442_000_000;
const timer = {
  id: "t",
  taskId: "1",
  actorId: "ada",
  timeZone: "UTC",
  billable: true,
  state: "running",
  startedAtMs,
  heartbeatAtMs: startedAtMs,
};
const ada = { actorId: "ada" };
const running = { start: "2026-03-02T09:00:00Z", user: "ada", instance_id: "" };

test("an entry of the year 9999 is a problem, and no report, bill or picture runs for ever", async () => {
  const session = { start: "9999-12-31T01:00:00Z", end: "9999-12-31T20:00:00Z", user: "ada", duration: 19 };
  const task = { status: "closed", current_session: null, sessions: [session] };
  const time = openTimeTracking(projectWith({ [file]: { 1: task } }), { timeZone: "UTC" });
  expect(await time.problems()).toHaveLength(1);
  expect((await time.report({ by: ["day"] })).rows).toEqual([]);
  expect((await time.report({ from: "9999-12-31" })).rows).toEqual([]);
  expect((await flowforgeProvider(time).getBillingData("ada")).days).toEqual([]);
  const entries = await time.entries();
  const last = { from: "9999-12-31", through: "9999-12-31" };
  for (const options of [{}, last])
    for (const picture of [timelineText, timelineSvg])
      expect(picture(entries, options)).toContain("No time in these days");
});

test("a picture of entries that lie years apart is refused by a typed error, which says how it can be had", async () => {
  const sessions = [2024, 2026].map((year) => ({
    start: `${year}-03-02T09:00:00Z`,
    end: `${year}-03-02T10:00:00Z`,
    user: "ada",
    duration: 1,
  }));
  const task = { status: "closed", current_session: null, sessions };
  const time = openTimeTracking(projectWith({ [file]: { 1: task } }), { timeZone: "UTC" });
  const entries = await time.entries();
  for (const picture of [timelineText, timelineSvg]) {
    expect(() => picture(entries)).toThrow(/731 days.*Say from and through/);
    expect(() => picture(entries)).toThrow(UnsupportedError);
  }
  expect(timelineText(entries, { from: "2026-03-01" })).toContain("2026-03-02");
});

test("a local day that no calendar has makes its entry a problem, and no report fails of it", async () => {
  const session = { start: "2026-03-02T09:00:00Z", end: "2026-03-02T10:00:00Z", duration: 1 };
  const sessions = [{ ...session, flockwork: { localDay: "2026-99-99" } }];
  const directory = projectWith({ [file]: { 1: { status: "closed", current_session: null, sessions } } });
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  expect((await time.report({ by: ["week"] })).rows).toEqual([]);
  expect(await time.problems()).toHaveLength(1);
});

test.each([
  ["a session that is none", [null]],
  ["a duration that is none", [{ duration: odd }, { duration: -1 }, { duration: "1" }]],
  ["a duration without end", [{ duration: 1e308 }, { duration: 1e308 }]],
])("totals of a task pass over %s, which stays", async (_, sessions) => {
  const hours = projectWith({ [file]: { 1: { status: "active", current_session: running, sessions } } });
  const time = openTimeTracking(hours, { timeZone: "UTC" });
  await time.idle({ ...ada, since: "2026-03-02T10:00:00Z", action: "discard" });
  await time.stop(ada);
  const task = (JSON.parse(contentOf(hours, file)) as Record<string, { sessions: unknown[] }>)["1"];
  expect(task).toMatchObject({ status: "closed", total_hours: 1 });
  expect(task?.sessions.slice(0, sessions.length)).toEqual(sessions);
  const seconds = projectWith({ [file]: { sessions: { 1: { sessions } } } });
  const added = { startedAt: "2026-03-02T09:00:00Z", endedAt: "2026-03-02T10:00:00Z" };
  await openTimeTracking(seconds).add({ ...ada, taskId: "1", ...added });
  const { sessions: tasks } = JSON.parse(contentOf(seconds, file)) as {
    sessions: Record<string, { sessions: unknown[] }>;
  };
  expect(tasks["1"]).toMatchObject({ total_seconds: 3_600 });
  expect(tasks["1"]?.sessions.slice(0, sessions.length)).toEqual(sessions);
});

test("a task without a list of sessions is worked on, undone and closed", async () => {
  const fresh = openTimeTracking(projectWith({ [file]: { 1: { current_session: null } } }));
  await fresh.start({ ...ada, taskId: "1" });
  await fresh.undo();
  expect(await fresh.status()).toMatchObject({ running: [], paused: [] });
  const paused = { ...timer, state: "paused", pausedAtMs: startedAtMs };
  const task = { status: "paused", current_session: null, sessions: null, flockwork: { timers: [paused] } };
  const directory = projectWith({ [file]: { 1: task } });
  await openTimeTracking(directory).stop(ada);
  expect(JSON.parse(contentOf(directory, file))).toMatchObject({
    1: { status: "closed", metrics: { session_count: 0 } },
  });
});

test("a timer whose monotonic clock went below nothing is passed over, and the others go on", async () => {
  const monotonic = { clock: instantOf(undefined).monotonic?.clock, ms: -1e308 };
  const task = { current_session: null, sessions: [], flockwork: { timers: [{ ...timer, monotonic }] } };
  const time = openTimeTracking(projectWith({ [file]: { 1: task } }));
  const [stopped, started] = await Promise.allSettled([
    time.stop(ada),
    time.start({ actorId: "bob", taskId: "2" }),
  ]);
  expect(stopped).toMatchObject({ reason: { code: "ERR_TIMER_NOT_RUNNING" } });
  expect(started).toMatchObject({ status: "fulfilled" });
});

test.each(["null", "5", '""', "[]"])("signs of life in a file that holds %s are none", async (content) => {
  const directory = projectWith({ "billing/time-heartbeats.json": content });
  const time = openTimeTracking(directory);
  await time.start({ ...ada, taskId: "1", leaseMs: 3_600_000 });
  expect(await time.recover()).toEqual([]);
  await time.heartbeat(ada);
  const [known] = (await time.status()).running;
  expect(Object.keys(await time.heartbeats())).toEqual([known?.id]);
});

test("a timer that is called __proto__ is passed over and stays", async () => {
  const current = { ...running, flockwork: { id: "__proto__" } };
  const content = `{"1":{"status":"active","current_session":${JSON.stringify(current)},"sessions":[]}}`;
  const directory = projectWith({ [file]: content });
  const time = openTimeTracking(directory);
  await expect(time.heartbeat(ada)).rejects.toMatchObject({ code: "ERR_TIMER_NOT_RUNNING" });
  expect(contentOf(directory, file)).toBe(content);
});

const entry = {
  id: "e1",
  taskId: "1",
  actorId: "ada",
  timeZone: "UTC",
  billable: true,
  startedAtMs,
  endedAtMs: startedAtMs + 1,
  workedMs: 1,
  localDay: "2026-03-02",
};
const change = { kind: "entry", id: "e1", before: null, after: entry };

test.each([
  ["says not what was done", { op: "x", atMs: 1, changes: [] }],
  ["says in no words what was done", { op: "x", what: 5, atMs: 1, changes: [] }],
  ["brings another one", { op: "x", what: "add", atMs: 1, changes: [{ ...change, id: "e2" }] }],
  [
    "takes another one",
    { op: "x", what: "add", atMs: 1, changes: [{ ...change, before: { ...entry, id: "" } }] },
  ],
])("a line of the history that %s is refused by a typed error", async (_, line) => {
  const content = `${JSON.stringify(line)}\n`;
  const directory = projectWith({ [history]: content });
  await expect(openTimeTracking(directory).undo()).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT" });
  expect(contentOf(directory, history)).toBe(content);
});

test("the place of a timer tells its task: what the timer says of it makes no file of another kind", async () => {
  const current = { ...running, flockwork: { taskId: "sessions" } };
  const directory = projectWith({
    [file]: { 1: { status: "active", current_session: current, sessions: [] } },
  });
  const time = openTimeTracking(directory);
  const { entries } = await time.stop(ada);
  expect(entries).toMatchObject([{ taskId: "1" }]);
  expect(await time.status()).toMatchObject({ running: [] });
  expect(Object.keys(JSON.parse(contentOf(directory, file)) as object)).toEqual(["1"]);
});

test.each(["sessions", "current_session", "2"])(
  "a timer in the list of a task that says it is of %s is passed over and stays",
  async (taskId) => {
    const timers = [{ ...timer, taskId }];
    const task = { status: "active", current_session: null, sessions: [], flockwork: { timers } };
    const directory = projectWith({ [file]: { 1: task } });
    const time = openTimeTracking(directory);
    await expect(time.stop(ada)).rejects.toMatchObject({ code: "ERR_TIMER_NOT_RUNNING" });
    await time.start({ actorId: "bob", taskId: "1" });
    expect(JSON.parse(contentOf(directory, file))).toMatchObject({ 1: { flockwork: { timers } } });
  },
);

test("what the history says of a task called sessions is not undone into a file by tasks", async () => {
  const before = { ...timer, taskId: "sessions" };
  const changes = [{ kind: "timer", id: "t", before, after: null }];
  const line = `${JSON.stringify({ op: "o", what: "stop", atMs: 1, changes })}\n`;
  const directory = projectWith({ [history]: line, [file]: "{}" });
  const time = openTimeTracking(directory);
  await expect(time.undo()).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  expect([contentOf(directory, file), contentOf(directory, history)]).toEqual(["{}", line]);
  await time.start({ ...ada, taskId: "1" });
});
