/** Files of sessions in which somebody wrote what they may hold, and what means nothing. */
import { globSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identifyProcess } from "@flockwork/core";
import {
  flowforgeProvider,
  openSessions,
  openTimeTracking,
  type SessionManager,
  type TimeTracking,
} from "../../src/index.ts";
import { contentOf, odd, projectWith, put } from "../support/odd-files.ts";

const active = "sessions/active-sessions.json";
const file = "billing/time-tracking.json";
const said = {
  sessionId: "s1",
  taskId: "1",
  developerId: "ada",
  instanceId: "i",
  pid: process.pid,
  hostname: hostname(),
  startTime: "2026-03-02T09:00:00.000Z",
  lastActivity: "2026-03-02T09:30:00.000Z",
  status: "active",
};
const gone = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };

interface Opened {
  readonly directory: string;
  readonly time: TimeTracking;
  readonly sessions: SessionManager;
}

function openWith(session: Readonly<Record<string, unknown>>, others: object = {}): Opened {
  const directory = projectWith({ [active]: { version: 1, sessions: { s1: session } }, ...others });
  const time = openTimeTracking(directory, { timeZone: "UTC" });
  return { directory, time, sessions: openSessions(time) };
}

const archived = (directory: string): string[] =>
  globSync("archive/*/*.json", { cwd: join(directory, ".flowforge/sessions") });

test.each([odd, 5, null, "never"])("a session that ended at %j is archived", async (endTime) => {
  const { directory, sessions } = openWith({ ...said, endTime });
  expect(await sessions.sweep()).toEqual([]);
  expect(archived(directory)).toHaveLength(1);
  expect(JSON.parse(contentOf(directory, active))).toMatchObject({ sessions: {} });
});

test.each([
  ["a start that is no text", { startTime: odd }],
  ["an id that is not its key", { sessionId: "__proto__" }],
])("a session with %s ends with its agent, and is archived", async (_, fields) => {
  const { directory, sessions, time } = openWith({ ...said, ...fields });
  const effect = sessions.deathEffect();
  const lastSeenAt = "2026-03-02T10:00:00.000Z";
  await time.store.transact(effect.members, (drafts) => effect.run({ id: "ada", lastSeenAt }, drafts));
  expect(JSON.parse(contentOf(directory, active))).toMatchObject({
    sessions: { s1: { endTime: lastSeenAt, endReason: "agent-dead" } },
  });
  expect(await sessions.list()).toEqual([]);
  await sessions.sweep();
  expect(archived(directory)).toHaveLength(1);
});

test("a dead session is swept under its key, whatever it says of its id", async () => {
  const dead = { ...said, process: gone };
  const two = { s1: { ...dead, sessionId: "s" }, s2: { ...dead, sessionId: "s", instanceId: "j" } };
  const directory = projectWith({ [active]: { version: 1, sessions: two } });
  const sessions = openSessions(openTimeTracking(directory, { timeZone: "UTC" }));
  expect(await sessions.sweep()).toHaveLength(2);
  expect(await sessions.list()).toEqual([]);
  expect(archived(directory)).toHaveLength(2);
});

test.each(["null", "5", '""', "[]"])("a current session that is %s is written anew", async (content) => {
  const names = ["sessions/current.json", "dev-ada/sessions/current.json"];
  const directory = projectWith(Object.fromEntries(names.map((name) => [name, content])));
  const sessions = openSessions(openTimeTracking(directory));
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada" });
  for (const name of names)
    expect(JSON.parse(contentOf(directory, name))).toMatchObject({ sessionId, taskId: "1" });
  for (const name of names) put(directory, name, content);
  await sessions.close(sessionId);
  expect(await sessions.list()).toEqual([]);
  for (const name of names) expect(contentOf(directory, name)).toBe(content);
});

const long = "x".repeat(201);

test.each([
  ["task is none", { taskId: null }],
  ["task has too long a name", { taskId: long }],
  ["developer is a number", { developerId: 5 }],
  ["developer is called constructor", { developerId: "constructor" }],
  ["developer is an object", { developerId: odd }],
])("a session whose %s is not taken over, by a typed error", async (_, fields) => {
  const { directory, sessions } = openWith({ ...said, ...fields });
  const before = contentOf(directory, active);
  await expect(sessions.takeOver("s1", { force: true })).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  expect(contentOf(directory, active)).toBe(before);
});

test.each([{ instanceId: "" }, { developerId: "\u0007" }, { developerId: null }])(
  "a session that says %j goes on with no timer of another task",
  async (fields) => {
    const { directory, sessions, time } = openWith({ ...said, ...fields });
    await time.start({ taskId: "2", actorId: "ada", sessionId: "s1" });
    const before = [contentOf(directory, active), contentOf(directory, file)];
    await expect(sessions.attachTask("s1", "3")).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
    expect([contentOf(directory, active), contentOf(directory, file)]).toEqual(before);
    await time.pause({ actorId: "ada" });
    await expect(sessions.resume("s1")).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
    expect((await time.status()).paused).toHaveLength(1);
  },
);

test.each(["\u001b[2J", "__proto__", "", long])(
  "the provider finds no session %j, and says so by a typed error without control characters",
  async (sessionId) => {
    const current = { start: "2026-03-02T09:00:00Z", user: "ada", instance_id: "" };
    const task = { status: "active", current_session: current, sessions: [] };
    const time = openTimeTracking(projectWith({ [file]: { 1: task } }), { timeZone: "UTC" });
    const provider = flowforgeProvider(time);
    expect(await provider.getSession(sessionId)).toBeUndefined();
    for (const call of ["endSession", "pauseSession", "resumeSession"] as const)
      await expect(provider[call](sessionId)).rejects.toMatchObject({
        code: "ERR_TIME_NOT_FOUND",
        message: expect.not.stringContaining("\u001b"),
      });
    await expect(provider.endSession({ toString: () => "a" } as never)).rejects.toThrow(TypeError);
  },
);

test.each(["\u001b[2J", "__proto__"])(
  "the provider refuses a timer of the session %j by a typed error",
  async (sessionId) => {
    const current = { start: "2026-03-02T09:00:00Z", user: "ada", instance_id: "", flockwork: { sessionId } };
    const task = { status: "active", current_session: current, sessions: [] };
    const directory = projectWith({ [file]: { 1: task } });
    const before = contentOf(directory, file);
    const provider = flowforgeProvider(openTimeTracking(directory, { timeZone: "UTC" }));
    await expect(provider.endSession(sessionId)).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
    expect(contentOf(directory, file)).toBe(before);
  },
);

test.each([
  ["is called constructor", "constructor"],
  ["has a control character for a name", "\u0007"],
  ["has too long a name", long],
])("the provider refuses a timer whose actor %s by a typed error", async (_, user) => {
  const current = { start: "2026-03-02T09:00:00Z", user, instance_id: "", flockwork: { sessionId: "s1" } };
  const task = { status: "active", current_session: current, sessions: [] };
  const directory = projectWith({ [file]: { 1: task } });
  const before = contentOf(directory, file);
  const provider = flowforgeProvider(openTimeTracking(directory, { timeZone: "UTC" }));
  for (const call of ["endSession", "pauseSession", "resumeSession"] as const)
    await expect(provider[call]("s1")).rejects.toMatchObject({ code: "ERR_TIME_FORMAT" });
  expect(contentOf(directory, file)).toBe(before);
});
