/** What a session says of itself to programs that know nothing of this package: heartbeats, and the current session. */
import { join } from "node:path";
import { identifyProcess } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { openSessions, openTimeTracking, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { readJson, temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
let directory = "";
let clock = new FakeClock();
let time: TimeTracking;
beforeEach(() => {
  directory = temporaryDirectory();
  clock = new FakeClock();
  time = openTimeTracking(directory, { clock, timeZone: "UTC", durability: "os" });
});

it("P2: heartbeats of a session are those of its timer: whoever recovers timers ends it where the session was last heard of", async () => {
  const sessions = openSessions(time);
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada", process: gone });
  clock.pass(60_000);
  await sessions.heartbeat(sessionId);
  clock.pass(3_600_000);
  const [recovered] = await time.recover();
  expect(recovered?.entries).toMatchObject([{ workedMs: 60_000, state: "recovered" }]);
});

it("the current session says nothing of the one before it, and nothing of a pause that is over", async () => {
  const sessions = openSessions(time);
  const current = (): unknown => readJson(join(directory, ".flowforge/sessions/current.json"));
  const first = { taskId: "1", taskTitle: "Log in", branch: "main", developerId: "ada" };
  const { sessionId } = await sessions.open(first);
  await sessions.pause(sessionId);
  expect(current()).toMatchObject({ taskTitle: "Log in", pausedAt: expect.any(String) });
  await sessions.resume(sessionId);
  expect(current()).not.toHaveProperty("pausedAt");
  expect(current()).toMatchObject({ taskTitle: "Log in" });
  await sessions.attachTask(sessionId, "2");
  expect(current()).toMatchObject({ taskId: "2", branch: "main" });
  expect(current()).not.toHaveProperty("taskTitle");
  await sessions.close(sessionId);
  expect(current()).toMatchObject({ endReason: "closed", endTime: expect.any(String) });
  await sessions.open({ taskId: "3", developerId: "ada" });
  for (const field of ["endTime", "endReason", "branch"]) expect(current()).not.toHaveProperty(field);
});

it("a heartbeat for another task, or of another instance, keeps no timer alive that is not its own", async () => {
  await time.start({ taskId: "2", actorId: "ada", instanceId: "i2", leaseMs: 60_000 });
  clock.pass(50_000);
  const late = time.heartbeat({ actorId: "ada", instanceId: "i1" });
  await expect(late).rejects.toMatchObject({ code: "ERR_TIMER_OWNER" });
  const switched = time.heartbeat({ actorId: "ada", taskId: "1" });
  await expect(switched).rejects.toMatchObject({ code: "ERR_TIMER_NOT_RUNNING" });
  clock.pass(50_000);
  expect(await time.recover()).toMatchObject([{ why: "silent" }]);
});

it("undo takes back no timer of a session without its session", async () => {
  const sessions = openSessions(time);
  await time.add({ taskId: "9", actorId: "ada", startedAt: clock.now() - 60_000, endedAt: clock.now() });
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada" });
  clock.pass(60_000);
  await sessions.attachTask(sessionId, "2");
  await sessions.close(sessionId);
  expect(await time.undo()).toMatchObject({ changed: true });
  expect((await time.entries()).map(({ taskId }) => taskId)).toEqual(["1", "2"]);
  expect((await time.status()).running).toEqual([]);
  await expect(time.undo({ actorId: "ada" })).rejects.toMatchObject({ code: "ERR_TIME_CONFLICT" });
});
