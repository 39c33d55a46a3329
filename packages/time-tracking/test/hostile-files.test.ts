import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { instantOf } from "@flockwork/core";
import { openSessions, openTimeTracking } from "../src/index.ts";
import { contentOf, projectWith } from "./support/odd-files.ts";

const entry = {
  id: "e1",
  taskId: "1",
  actorId: "ada",
  timeZone: "UTC",
  billable: true,
  startedAtMs: 1_772_442_000_000,
  endedAtMs: 1_772_445_600_000,
  workedMs: 3_600_000,
  localDay: "2026-03-02",
};
const line = (after: unknown): string =>
  `${JSON.stringify({ op: "o", what: "add", atMs: 1, changes: [{ kind: "entry", id: "e1", before: null, after }] })}\n`;

test("a journal whose lines are no operations is refused by a typed error, and stays as it was", async () => {
  const sound = projectWith({ "billing/time-journal.jsonl": line(entry) });
  expect(await openTimeTracking(sound, { mode: "journal" }).entries()).toMatchObject([entry]);
  const broken = [
    line({ ...entry, workedMs: undefined }),
    line({ ...entry, startedAtMs: 9e15 }),
    line({ ...entry, timeZone: "Nowhere/Land" }),
    line({ ...entry, taskId: "__proto__" }),
    line({ ...entry, rate: { minorUnits: 1, currency: {} } }),
    '{"op":"o","atMs":1}\n',
    "7\n",
  ];
  for (const content of broken) {
    const directory = projectWith({ "billing/time-journal.jsonl": content });
    const time = openTimeTracking(directory, { mode: "journal" });
    await expect(time.report()).rejects.toMatchObject({ code: "ERR_LOG_CORRUPT" });
    await expect(time.start({ taskId: "1", actorId: "ada" })).rejects.toMatchObject({
      code: "ERR_LOG_CORRUPT",
    });
    expect(contentOf(directory, "billing/time-journal.jsonl")).toBe(content);
  }
});

test("what stands under our key in FlowForge's file and is no list of timers is a typed error, not a TypeError", async () => {
  for (const flockwork of [7, "x", [], { timers: 1 }, { timers: [null] }]) {
    const file = { sessions: [], current_session: null, flockwork };
    const directory = projectWith({ "billing/time-tracking.json": file });
    const time = openTimeTracking(directory);
    await expect(time.start({ taskId: "1", actorId: "ada" })).rejects.toMatchObject({
      code: "ERR_TIME_FORMAT",
    });
    expect(JSON.parse(contentOf(directory, "billing/time-tracking.json"))).toEqual(file);
  }
});

test("a timer of a task called __proto__ is passed over and stays, and makes nobody's prototype", async () => {
  const timer = {
    id: "t",
    taskId: "__proto__",
    actorId: "bob",
    state: "paused",
    startedAtMs: 1_772_442_000_000,
  };
  const task = { status: "paused", current_session: null, sessions: [], flockwork: { timers: [timer] } };
  const content = JSON.stringify({ "2": task });
  const directory = projectWith({ "billing/time-tracking.json": content });
  const time = openTimeTracking(directory);
  await expect(time.resume({ actorId: "bob" })).rejects.toMatchObject({ code: "ERR_TIMER_NOT_RUNNING" });
  expect(contentOf(directory, "billing/time-tracking.json")).toBe(content);
  await time.start({ taskId: "2", actorId: "bob" });
  const after = JSON.parse(contentOf(directory, "billing/time-tracking.json")) as Record<string, typeof task>;
  expect(after["2"]?.flockwork.timers).toContainEqual(timer);
});

test("a timer whose monotonic clock shows no number is passed over and stays, in a file and in a journal", async () => {
  const ms = { valueOf: 1, toString: 1 };
  const timer = {
    id: "t",
    taskId: "1",
    actorId: "bob",
    timeZone: "UTC",
    billable: true,
    state: "running",
    startedAtMs: 1_772_442_000_000,
    heartbeatAtMs: 1_772_442_000_000,
    monotonic: { clock: instantOf(undefined).monotonic?.clock, ms },
  };
  const task = { status: "active", current_session: null, sessions: [], flockwork: { timers: [timer] } };
  const directory = projectWith({ "billing/time-tracking.json": { "1": task } });
  expect((await openTimeTracking(directory).status()).running).toEqual([]);
  const operation = {
    op: "o",
    what: "start",
    atMs: 1,
    changes: [{ kind: "timer", id: "t", before: null, after: timer }],
  };
  const journal = projectWith({ "billing/time-journal.jsonl": `${JSON.stringify(operation)}\n` });
  await expect(openTimeTracking(journal, { mode: "journal" }).status()).rejects.toMatchObject({
    code: "ERR_LOG_CORRUPT",
  });
});

test("signs of life that are none keep nobody from his timer", async () => {
  const odd = { valueOf: 1, toString: 1 };
  const { monotonic } = instantOf(undefined);
  const signs = [null, { atMs: odd }, { atMs: 1, monotonic: { ...monotonic, ms: odd } }];
  for (const timersOf of [
    ...[null, 7, []].map((value) => () => value),
    ...signs.map((sign) => (id: string) => ({ [id]: sign })),
  ]) {
    const directory = projectWith({});
    const time = openTimeTracking(directory);
    await time.start({ taskId: "1", actorId: "ada", leaseMs: 3_600_000 });
    const [timer] = (await time.status()).running;
    await time.heartbeat({ actorId: "ada" });
    const path = join(directory, ".flowforge/billing/time-heartbeats.json");
    writeFileSync(path, JSON.stringify({ version: 1, timers: timersOf(timer?.id ?? "") }));
    expect((await time.status()).running).toMatchObject([{ id: timer?.id }]);
    await time.recover();
    await time.heartbeat({ actorId: "ada" });
    await time.stop({ actorId: "ada" });
  }
});

test("a ledger whose rates are none is refused by a typed error", async () => {
  const empty = { version: 1, budgets: [], invoices: [], seals: [], adjustments: [] };
  for (const perHour of [
    undefined,
    {},
    { minorUnits: {}, currency: "EUR" },
    { minorUnits: 1, currency: "x" },
  ]) {
    const directory = projectWith({ "billing/ledger.json": { ...empty, rates: [{ perHour }] } });
    const invoice = openTimeTracking(directory).billing.invoice({
      from: "2026-03-01",
      through: "2026-03-31",
    });
    await expect(invoice).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
  }
});

test("a session whose process is none is refused by a typed error", async () => {
  const said = { sessionId: "s1", taskId: "1", developerId: "ada", instanceId: "i", pid: 1, hostname: "h" };
  for (const process of [null, {}, { pid: 1, host: {} }, { pid: 1, host: "h", bootId: 1 }]) {
    const directory = projectWith({
      "sessions/active-sessions.json": { version: 1, sessions: { s1: { ...said, process } } },
    });
    const sessions = openSessions(openTimeTracking(directory));
    await expect(sessions.sweep()).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
  }
});

test("a session whose last activity is no date ends now", async () => {
  const session = {
    sessionId: "s1",
    taskId: "1",
    developerId: "ada",
    instanceId: "i",
    pid: 4_194_303, // of nobody
    hostname: hostname(),
    startTime: "never",
    lastActivity: "never",
    status: "active",
  };
  const directory = projectWith({
    "sessions/active-sessions.json": { version: 1, sessions: { s1: session } },
  });
  const sessions = openSessions(openTimeTracking(directory, { timeZone: "UTC" }));
  const ends = await sessions.sweep();
  expect(ends).toHaveLength(1);
  expect(Date.parse(ends[0]?.session.endTime ?? "")).toBeGreaterThan(0);
});

test("an entry that would last for ever, or for thousands of years, is a problem, and keeps no report from its end", async () => {
  for (const endTime of ["1e400", "1e15", '"8999-01-01T00:00:00Z"']) {
    const record = `{"taskId":"1","startTime":"2026-03-02T09:00:00.000Z","endTime":${endTime},"totalDuration":6000}`;
    const content = `{"sessions":[${record}]}`;
    const directory = projectWith({ "billing/time-tracking.json": content });
    const time = openTimeTracking(directory);
    expect(await time.entries()).toEqual([]);
    expect(await time.problems()).toHaveLength(1);
    expect((await time.report({ by: ["day"] })).rows).toEqual([]);
    expect(contentOf(directory, "billing/time-tracking.json")).toBe(content);
  }
  const time = openTimeTracking(projectWith({}));
  const years = {
    taskId: "1",
    actorId: "ada",
    startedAt: "2026-01-01T00:00:00Z",
    endedAt: "2127-01-01T00:00:00Z",
  };
  await expect(time.add(years)).rejects.toThrow("a hundred years");
});

test("a task whose sessions are no list is refused, and a session in it that is none is passed over", async () => {
  const paused = { status: "paused", current_session: null };
  const refused = projectWith({ "billing/time-tracking.json": { 1: { ...paused, sessions: "none" } } });
  await expect(openTimeTracking(refused).status()).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  const odd = projectWith({ "billing/time-tracking.json": { 1: { ...paused, sessions: [null] } } });
  expect(await openTimeTracking(odd).status()).toMatchObject({ running: [], paused: [] });
});
