import { existsSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, memoryStore } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { openSessions, openTimeTracking, timerDeathEffect, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { readJson, temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
let directory = "";
let clock = new FakeClock();
let time: TimeTracking;
beforeEach(() => {
  directory = temporaryDirectory();
  clock = new FakeClock();
  time = openTimeTracking(directory, { clock, timeZone: "UTC", durability: "os" });
});

it("a session is opened with its timer, and its close stops the timer and archives it by month", async () => {
  const sessions = openSessions(time);
  const session = await sessions.open({
    taskId: "142",
    developerId: "../ada",
    instanceId: "i1",
    branch: "main",
  });
  expect(session).toMatchObject({ developerId: "ada", status: "active", pid: process.pid });
  expect(readJson(join(directory, ".flowforge/dev-ada/sessions/current.json"))).toMatchObject({
    active: true,
    branch: "main",
  });
  expect((await time.status()).running).toMatchObject([{ taskId: "142", sessionId: session.sessionId }]);
  clock.pass(60_000);
  await sessions.attachTask(session.sessionId, "143");
  clock.pass(30_000);
  const { timers, why } = await sessions.close(session.sessionId);
  expect([why, timers[0]?.entries[0]?.workedMs]).toEqual(["closed", 30_000]);
  expect((await time.entries()).map(({ taskId, workedMs }) => [taskId, workedMs])).toEqual([
    ["142", 60_000],
    ["143", 30_000],
  ]);
  expect(await sessions.list()).toEqual([]);
  const archived = join(directory, `.flowforge/sessions/archive/2026-01/${session.sessionId}.json`);
  expect(readJson(archived)).toMatchObject({ status: "closed", taskId: "143" });
  expect(readJson(join(directory, ".flowforge/sessions/current.json"))).toMatchObject({ status: "closed" });
});

it("pausing and resuming a session pauses and resumes its timer", async () => {
  const sessions = openSessions(time, { current: false });
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1" });
  clock.pass(1_000);
  expect(await sessions.pause(sessionId, { reason: "Lunch" })).toMatchObject({ status: "paused" });
  clock.pass(5_000);
  await sessions.resume(sessionId);
  clock.pass(2_000);
  await sessions.close(sessionId);
  expect((await time.entries()).map(({ workedMs }) => workedMs)).toEqual([1_000, 2_000]);
  expect(existsSync(join(directory, ".flowforge/sessions/current.json"))).toBe(false);
});

it("P1: one session for each instance, and only its owner changes it", async () => {
  const sessions = openSessions(time);
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1" });
  const again = { taskId: "2", developerId: "bob", instanceId: "i1" };
  await expect(sessions.open(again)).rejects.toMatchObject({ code: "ERR_TIMER_OWNER" });
  await expect(sessions.open({ ...again, developerId: "ada", instanceId: "i2" })).rejects.toMatchObject({
    code: "ERR_TIMER_RUNNING",
  });
  expect(await sessions.list()).toHaveLength(1);
  for (const change of [
    () => sessions.close(sessionId, { instanceId: "i2" }),
    () => sessions.pause(sessionId, { instanceId: "i2" }),
    () => sessions.heartbeat(sessionId, { instanceId: "i2" }),
  ])
    await expect(change()).rejects.toMatchObject({ code: "ERR_TIMER_OWNER" });
});

it("P8: a sweep ends who is proven dead, at the last sign of life, and nobody who is only silent", async () => {
  const sessions = openSessions(time);
  const dead = await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1", process: gone });
  await sessions.open({ taskId: "2", developerId: "bob", instanceId: "i2" });
  const elsewhere = { ...identifyProcess(), host: "another-host" };
  await sessions.open({ taskId: "3", developerId: "cy", instanceId: "i3", process: elsewhere });
  clock.pass(60_000);
  await sessions.heartbeat(dead.sessionId);
  clock.pass(3_600_000);
  clock.jump(10 * 365 * 86_400_000);
  const [end, ...others] = await sessions.sweep();
  expect(others).toEqual([]);
  expect(end).toMatchObject({ why: "boot-changed", session: { sessionId: dead.sessionId, status: "dead" } });
  expect(end?.timers[0]?.entries).toMatchObject([{ workedMs: 60_000, state: "recovered" }]);
  expect((await time.status()).recovered).toHaveLength(1);
  expect((await sessions.list()).map(({ developerId }) => developerId)).toEqual(["bob", "cy"]);
  const strict = openSessions(time, { elsewhereSilentMs: 1_000 });
  expect((await strict.sweep()).map(({ why }) => why)).toEqual(["silent"]);
});

it("what an effect of a death changes is one commit with it: it throws, and nothing has happened", async () => {
  const sessions = openSessions(time);
  const claims = time.store.document<{ by: Record<string, string> }>({
    name: "claims.json",
    defaults: () => ({ by: { "7": "ada" } }),
  });
  let isBroken = true;
  sessions.onDeath({
    name: "free claims",
    members: { claims },
    run: ({ session }, { claims: { draft } }) => {
      for (const [task, who] of Object.entries(draft.by))
        if (who === session.developerId) delete draft.by[task];
      if (isBroken) throw new Error("broken");
    },
  });
  await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1", process: gone });
  await expect(sessions.sweep()).rejects.toThrow("broken");
  expect([(await sessions.list()).length, (await time.status()).running.length]).toEqual([1, 1]);
  expect(await claims.read()).toEqual({ by: { "7": "ada" } });
  isBroken = false;
  await sessions.sweep();
  expect([(await sessions.list()).length, (await time.status()).running.length]).toEqual([0, 0]);
  expect(await claims.read()).toEqual({ by: {} });
});

it("a dead program's session is taken over; that of a living one only by force and by its own developer", async () => {
  const sessions = openSessions(time);
  const dead = await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1", process: gone });
  await expect(
    sessions.takeOver(dead.sessionId, { developerId: "bob", instanceId: "i9" }),
  ).rejects.toMatchObject({
    code: "ERR_TIMER_OWNER",
  });
  const taken = await sessions.takeOver(dead.sessionId, { instanceId: "i9" });
  expect(taken).toMatchObject({ instanceId: "i9", pid: process.pid });
  await expect(sessions.takeOver(dead.sessionId, { instanceId: "i10" })).rejects.toMatchObject({
    code: "ERR_TIMER_OWNER",
  });
  expect(await sessions.takeOver(dead.sessionId, { instanceId: "i10", force: true })).toMatchObject({
    instanceId: "i10",
  });
});

it("whoever takes over goes on from now: what the dead one ran ends at its last sign of life, and a pause stays one", async () => {
  const sessions = openSessions(time);
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada", process: gone });
  clock.pass(60_000);
  await time.heartbeat({ actorId: "ada" });
  clock.pass(3_600_000);
  await sessions.takeOver(sessionId, { instanceId: "i9" });
  const { running, recovered } = await time.status();
  expect(running).toMatchObject([{ taskId: "1", actorId: "ada", sessionId, instanceId: "i9", elapsedMs: 0 }]);
  expect(recovered).toMatchObject([{ workedMs: 60_000 }]);
  await sessions.open({ taskId: "2", developerId: "bob", instanceId: "i10" });
  await expect(sessions.takeOver(sessionId, { instanceId: "i10", force: true })).rejects.toMatchObject({
    code: "ERR_TIMER_OWNER",
  });
  await sessions.pause(sessionId);
  expect(await sessions.takeOver(sessionId, { instanceId: "i11", force: true })).toMatchObject({
    status: "paused",
  });
  await sessions.resume(sessionId);
  expect((await time.status({ actorId: "ada" })).running).toMatchObject([{ instanceId: "i11" }]);
});

it("a session that got another task while it was paused goes on with that one", async () => {
  const sessions = openSessions(time);
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada" });
  clock.pass(60_000);
  await sessions.pause(sessionId);
  await sessions.attachTask(sessionId, "2");
  await sessions.resume(sessionId);
  clock.pass(30_000);
  await sessions.close(sessionId);
  const { running, paused } = await time.status();
  expect([running, paused]).toEqual([[], []]);
  expect((await time.entries()).map(({ taskId, workedMs }) => [taskId, workedMs])).toEqual([
    ["1", 60_000],
    ["2", 30_000],
  ]);
});

it("the effect for a registry ends the timers of the agent that died, in its commit", async () => {
  const agents = openTimeTracking(memoryStore(), { clock, timeZone: "UTC" });
  await agents.start({ taskId: "1", actorId: "nux" });
  await agents.start({ taskId: "2", actorId: "slit" });
  clock.pass(9_000);
  const effect = timerDeathEffect(agents);
  const lastSeenAt = new Date(clock.now() - 4_000).toISOString();
  await agents.store.transact(effect.members, (drafts) => effect.run({ id: "nux", lastSeenAt }, drafts));
  expect((await agents.status()).running).toMatchObject([{ actorId: "slit" }]);
  expect(await agents.entries()).toMatchObject([{ actorId: "nux", workedMs: 5_000, state: "recovered" }]);
});

it("P2, P3: a program that is killed leaves a session that the next sweep ends, with the timer, at its last heartbeat", async () => {
  const worker = new Worker(new URL("../fixtures/session-worker.ts", import.meta.url), directory);
  const [sessionId] = await worker.sent(2);
  await worker.kill();
  const real = openTimeTracking(directory);
  const sessions = openSessions(real);
  const [end] = await sessions.sweep();
  expect(end).toMatchObject({ why: "process-gone", session: { sessionId } });
  const { running, recovered } = await real.status();
  expect([running, recovered.length]).toEqual([[], 1]);
  expect(recovered[0]?.endedAtMs).toBeLessThanOrEqual(Date.parse(end?.session.endTime ?? "") + 1);
  await real.confirm(recovered[0]?.id ?? "");
  expect((await real.status()).recovered).toEqual([]);
});
