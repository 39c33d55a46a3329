/** Sessions that other programs wrote: FlowForge's scripts leave fields out, and say instants in Unix seconds. */
import { globSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess, memoryStore } from "@flockwork/core";
import { beforeEach, describe, expect, it } from "vitest";
import { openSessions, openTimeTracking, type SessionManager, type TimeTracking } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
const minute = 60_000;
let clock = new FakeClock();
let time: TimeTracking;
let sessions: SessionManager;
beforeEach(() => {
  clock = new FakeClock();
  time = openTimeTracking(memoryStore(), { clock, timeZone: "UTC" });
  sessions = openSessions(time);
});

/** A session of a program that is dead, with a timer that gave a sign of life after a minute, and these fields. */
async function openDead(fields: Readonly<Record<string, unknown>>): Promise<string> {
  const { sessionId } = await sessions.open({ taskId: "1", developerId: "ada", process: gone });
  clock.pass(minute);
  await time.heartbeat({ actorId: "ada" });
  clock.pass(60 * minute);
  const file = time.store.document<{ sessions: Record<string, Record<string, unknown>> }>({
    name: ".flowforge/sessions/active-sessions.json",
    layout: "flowforge",
  });
  await file.update((draft) => {
    const session = draft.sessions[sessionId] ?? {};
    for (const [key, value] of Object.entries(fields))
      if (value === null) delete session[key];
      else session[key] = value;
  });
  return sessionId;
}

describe("a session that does not say when it was last heard of keeps its time", () => {
  for (const lastActivity of [null, "soon"])
    it(`with lastActivity ${lastActivity}`, async () => {
      const taken = await openDead({ lastActivity });
      await sessions.takeOver(taken, { developerId: "ada" });
      expect(await time.entries()).toMatchObject([{ workedMs: minute, state: "recovered" }]);
      await sessions.close(taken);
      const swept = await openDead({ lastActivity });
      await sessions.sweep();
      expect((await time.entries()).filter(({ sessionId }) => sessionId === swept)).toMatchObject([
        { workedMs: minute, state: "recovered" },
      ]);
    });
});

it("seconds since 1970 tell when a session was last heard of, as FlowForge says it", async () => {
  const taken = await openDead({ lastActivity: (clock.now() + 30 * minute) / 1_000 + 0.5 });
  await sessions.takeOver(taken, { developerId: "ada" });
  expect(await time.entries()).toMatchObject([{ workedMs: 30 * minute + 500, state: "recovered" }]);
});

it("an agent's death ends its sessions, whatever they say of their last activity", async () => {
  await openDead({ lastActivity: null });
  const effect = sessions.deathEffect(() => "nux");
  const lastSeenAt = new Date(clock.now() - 50 * minute).toISOString();
  await time.store.transact(effect.members, (drafts) => effect.run({ id: "nux", lastSeenAt }, drafts));
  expect(await time.entries()).toMatchObject([{ workedMs: 11 * minute, state: "recovered" }]);
});

describe("a session without a developer's name that can be a path stops no sweep", () => {
  for (const developerId of [null, "../../../evil", 7])
    it(`of ${developerId}`, async () => {
      const sessionId = await openDead({ developerId });
      expect(await sessions.sweep()).toMatchObject([{ why: "boot-changed", session: { sessionId } }]);
      expect(await sessions.list()).toEqual([]);
    });
});

it("sessions whose ids differ only in what no file may be called have files of their own in the archive", async () => {
  const directory = temporaryDirectory();
  const found = openSessions(openTimeTracking(directory, { timeZone: "UTC" }), { current: false });
  mkdirSync(join(directory, ".flowforge/sessions"), { recursive: true });
  const session = { taskId: "1", developerId: "ada", pid: gone.pid, hostname: gone.host, process: gone };
  const all = ["a/b", "a_b", "a:b"].map((sessionId) => [
    sessionId,
    { ...session, sessionId, instanceId: sessionId, status: "active" },
  ]);
  const file = { version: 1, sessions: Object.fromEntries(all) };
  writeFileSync(join(directory, ".flowforge/sessions/active-sessions.json"), JSON.stringify(file));
  expect(await found.sweep()).toHaveLength(3);
  expect(globSync("archive/*/*.json", { cwd: join(directory, ".flowforge/sessions") })).toHaveLength(3);
});
