/** Beside a registry of agents, in one store: who is dead there has no open session, no running timer and no claim here. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { identifyProcess } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../../registry/src/index.ts";
import { timerDeathEffect } from "../../src/index.ts";
import { openProject, type Project } from "../support/project.ts";
import { temporaryDirectory, Worker } from "../../../../toolchain/testing/surroundings.ts";

const gone = { ...identifyProcess(), startTicks: "1", bootId: "of last year" };
let directory = "";
let project: Project;
let agents: AgentRegistry;
beforeEach(() => {
  directory = temporaryDirectory();
  project = openProject(directory);
  agents = agentRegistry(project.time.store);
});

async function left(): Promise<unknown> {
  const { time, sessions, claims } = project;
  const { running, paused, recovered } = await time.status();
  return {
    sessions: (await sessions.list()).map(({ developerId }) => developerId),
    timers: [...running, ...paused].map(({ actorId }) => actorId),
    recovered: recovered.map(({ actorId }) => actorId),
    claims: (await claims.read()).by,
  };
}

function archived(): readonly string[] {
  const archive = join(directory, ".flowforge/sessions/archive");
  const found = existsSync(archive) ? readdirSync(archive, { recursive: true }).map(String) : [];
  return found.filter((name) => /session-[^/]*\.json$/.test(name)).map((name) => name.replace(/.*\//, ""));
}

it("P2, P3: an agent that is killed takes its session, its timer and its claims with it, in the commit of its eviction", async () => {
  const worker = new Worker(new URL("../fixtures/agent-at-work.ts", import.meta.url), directory);
  const [sessionId] = await worker.sent(1);
  agents.onDeath("*", project.sessions.deathEffect());
  expect((await agents.sweep()).evicted).toEqual([]);
  await worker.kill();
  expect(await left()).toEqual({ sessions: ["nux"], timers: ["nux"], recovered: [], claims: { 142: "nux" } });
  const { evicted, failed } = await agents.sweep();
  expect([evicted.map(({ id }) => id), failed]).toEqual([["nux"], []]);
  expect(await left()).toEqual({ sessions: [], timers: [], recovered: ["nux"], claims: {} });
  expect(archived()).toEqual([]);
  expect(await project.sessions.sweep()).toEqual([]);
  expect(archived()).toEqual([`${String(sessionId)}.json`]);
});

it("an effect of the session that throws keeps the agent, the session and the timer as they are", async () => {
  let isBroken = true;
  project.sessions.onDeath({
    name: "breaks",
    members: {},
    run() {
      if (isBroken) throw new Error("not now");
    },
  });
  agents.onDeath("*", project.sessions.deathEffect());
  await agents.register({ id: "nux", process: gone });
  await project.sessions.open({ taskId: "1", developerId: "nux" });
  expect((await agents.sweep()).failed).toMatchObject([{ id: "nux" }]);
  expect(await left()).toMatchObject({ sessions: ["nux"], timers: ["nux"], recovered: [] });
  isBroken = false;
  expect((await agents.sweep()).evicted).toHaveLength(1);
  expect(await left()).toMatchObject({ sessions: [], timers: [], recovered: ["nux"] });
});

it("agents that die together, with an effect for timers and one for sessions, have no time twice", async () => {
  const { time, sessions } = project;
  agents.onDeath(
    "*",
    timerDeathEffect(time, () => "ada"),
  );
  agents.onDeath("*", sessions.deathEffect());
  for (const id of ["ada", "nux", "slit"]) await agents.register({ id, process: gone });
  await sessions.open({ taskId: "1", developerId: "ada", instanceId: "i1" });
  await sessions.open({ taskId: "2", developerId: "nux", instanceId: "i2" });
  await sessions.open({ taskId: "3", developerId: "bob", instanceId: "i3" });
  expect((await agents.sweep()).evicted).toHaveLength(3);
  expect(await left()).toMatchObject({ sessions: ["bob"], timers: ["bob"] });
  expect((await time.entries()).map(({ actorId }) => actorId).toSorted()).toEqual(["ada", "nux"]);
  expect((await time.billing.verify()).findings).toEqual([]);
});

it("the session of a successor goes on, and the same instance may open one anew before the old one is archived", async () => {
  const { time, sessions } = project;
  await agents.register({ id: "nux", process: gone });
  await sessions.open({ taskId: "1", developerId: "nux", instanceId: "i1" });
  const { generation } = await agents.register({ id: "nux" }); // ends the one before it, without any effect
  await time.stop({ actorId: "nux" });
  const before = await sessions.list();
  const next = await sessions.open({ taskId: "2", developerId: "nux", instanceId: "i2" });
  agents.onDeath("*", sessions.deathEffect());
  expect((await agents.sweep()).settled).toHaveLength(1);
  expect((await sessions.list()).map(({ sessionId }) => sessionId)).toEqual([next.sessionId]);
  await agents.unregister("nux", generation);
  expect(await sessions.list()).toEqual([]);
  const again = await sessions.open({ taskId: "3", developerId: "nux", instanceId: "i2" });
  expect(before).toHaveLength(1);
  await sessions.sweep();
  expect((await sessions.list()).map(({ sessionId }) => sessionId)).toEqual([again.sessionId]);
  expect(archived()).toHaveLength(2);
});
