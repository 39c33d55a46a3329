/** Fifty real processes: who is killed is declared dead, who is paused is not, and no successor is removed by a late exit. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileStore, identifyProcess } from "@flockwork/core";
import { afterEach, expect, it } from "vitest";
import { agentRegistry, type AgentRegistry } from "../../src/index.ts";
import { FakeClock } from "../../../../toolchain/testing/fake-clock.ts";
import { temporaryDirectory, until } from "../../../../toolchain/testing/surroundings.ts";

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

function stateOf(pid: number | undefined): string | undefined {
  return /\) (\w) /.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1];
}

it.runIf(process.platform === "linux")(
  "P1, P2: of 50 agents, 10 killed and 5 stopped, exactly the 10 are declared dead, once, whoever sweeps",
  async () => {
    const directory = temporaryDirectory();
    const clock = new FakeClock();
    const open = (): AgentRegistry => agentRegistry(fileStore(directory), { clock, durability: "os" });
    const agents = open();
    for (let at = 0; at < 50; at += 1) children.push(spawn("sleep", ["600"]));
    const registered = await Promise.all(
      children.map(({ pid }, at) => agents.register({ id: `agent-${at}`, process: identifyProcess(pid) })),
    );
    const killed = children.slice(0, 10);
    const stopped = children.slice(10, 15);
    const others = registered.slice(15);
    await Promise.all(killed.map((child) => (child.kill("SIGKILL"), once(child, "exit"))));
    for (const child of stopped) child.kill("SIGSTOP");
    await until(() => stopped.every(({ pid }) => stateOf(pid) === "T"));

    clock.pass(60_000);
    await Promise.all(others.map(({ id, generation }) => agents.heartbeat(id, generation)));
    const released: string[] = [];
    const sweepers = [open(), open(), open()];
    for (const sweeper of sweepers)
      sweeper.onDeath("*", { name: "release", members: {}, run: ({ id }) => void released.push(id) });
    const reports = await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    const dead = registered.slice(0, 10).map(({ id }) => id);
    expect(reports.flatMap(({ evicted }) => evicted.map(({ id }) => id)).toSorted()).toEqual(dead.toSorted());
    expect(released.toSorted()).toEqual(dead.toSorted());
    expect(reports.flatMap(({ suspected }) => suspected).toSorted()).toEqual(
      registered.slice(10, 15).map(({ id }) => id),
    );
    clock.pass(3_600_000);
    await Promise.all(others.map(({ id, generation }) => agents.heartbeat(id, generation)));
    expect((await agents.sweep()).evicted).toEqual([]);

    const successors = await Promise.all(dead.map((id) => agents.register({ id })));
    const late = registered.slice(0, 10).map(({ id, generation }) => agents.unregister(id, generation));
    expect(await Promise.all(late)).toEqual(dead.map(() => false));
    for (const child of stopped) child.kill("SIGCONT");
    for (const { id, generation } of registered.slice(10, 15)) await agents.heartbeat(id, generation);
    const alive = await agents.list("", { liveness: ["alive"] });
    expect(alive).toHaveLength(50);
    expect(
      alive.filter(({ generation }) => successors.some((each) => each.generation === generation)),
    ).toHaveLength(10);
  },
);
