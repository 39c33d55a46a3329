import { deepEqual, equal } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { fileStore, type Store } from "@flockwork/core";
import { agentRegistry, type AgentRegistry } from "@flockwork/registry";
import { bundled } from "../harness/bundled.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { stopped } from "../harness/stopped.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";

interface Member {
  readonly id: string;
  readonly program: Program;
  readonly generation: string;
}

/** Agents that are processes: exactly those that were killed are declared dead, once, and no successor is removed by a late exit. */
export async function killedAndStopped({ tally, random, say }: PartContext, count: number): Promise<void> {
  const [killed, stopped] = [count / 5, count / 10];
  const what = `P1, P2: of ${count} agents, ${killed} killed and ${stopped} stopped, exactly the ${killed} are declared dead`;
  say(what);
  await tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      const store = fileStore(directory);
      const agents = agentRegistry(store, { durability: "os" });
      const members = await start(directory, count);
      try {
        const chosen = random.shuffled(members);
        const [dead, paused, rest] = [
          chosen.slice(0, killed),
          chosen.slice(killed, killed + stopped),
          chosen.slice(killed + stopped),
        ];
        for (const { program } of dead) program.kill();
        await Promise.all(dead.map(({ program }) => program.dead));
        for (const { program } of paused) await pauseOutsideItsLock(program, store);
        await sweepUntilSuspect(directory, agents, { dead, paused });
        const successors = await Promise.all(dead.map(({ id }) => agents.register({ id })));
        const late = dead.map(({ id, generation }) => agents.unregister(id, generation));
        deepEqual(
          await Promise.all(late),
          dead.map(() => false),
        );
        for (const { program } of paused) program.kill("SIGCONT");
        for (const { program } of [...paused, ...rest]) {
          program.endInput();
          await program.expect("left");
        }
        const left = (await agents.list()).map(({ generation }) => generation);
        deepEqual(new Set(left), new Set(successors.map(({ generation }) => generation)));
      } finally {
        for (const { program } of members) program.kill();
      }
    }),
  );
  tally.count("agents", count);
}

async function start(directory: string, count: number): Promise<readonly Member[]> {
  const file = await bundled(new URL("agent-process.ts", import.meta.url));
  const members: Member[] = [];
  for (let at = 0; at < count; at += 1) {
    const id = `agent-${at}`;
    const program = Program.node(file, [directory, id]);
    members.push({ id, program, generation: await program.line() });
  }
  return members;
}

/** Three sweepers at once, again and again, until those that are paused are suspect; and then some more. */
async function sweepUntilSuspect(
  directory: string,
  agents: AgentRegistry,
  { dead, paused }: { readonly dead: readonly Member[]; readonly paused: readonly Member[] },
): Promise<void> {
  const released: string[] = [];
  const sweepers = [1, 2, 3].map(() => agentRegistry(fileStore(directory), { durability: "os" }));
  for (const sweeper of sweepers)
    sweeper.onDeath("*", { name: "release", members: {}, run: ({ id }) => void released.push(id) });
  const evicted: string[] = [];
  const ids = (members: readonly Member[]): string[] => members.map(({ id }) => id).toSorted();
  for (let extra = 5; extra > 0;) {
    for (const report of await Promise.all(sweepers.map((sweeper) => sweeper.sweep()))) {
      equal(report.failed.length, 0);
      evicted.push(...report.evicted.map(({ id }) => id));
    }
    const suspects = new Set((await agents.list("", { liveness: ["suspect"] })).map(({ id }) => id));
    if (paused.every(({ id }) => suspects.has(id))) extra -= 1;
    await pause(200);
  }
  deepEqual(evicted.toSorted(), ids(dead));
  deepEqual(released.toSorted(), ids(dead));
}

/** One that is paused while it holds the lock makes everybody wait, rightly; that is not what is looked at here. */
async function pauseOutsideItsLock(program: Program, store: Store): Promise<void> {
  const lock = store.lock("registry.json", { layout: "gastown" });
  for (;;) {
    if (!(await stopped(program))) throw new Error("an agent that was to be paused has ended");
    const hold = await lock.tryAcquire("exclusive");
    if (hold !== undefined) return hold.release();
    program.kill("SIGCONT");
    await (await lock.acquire("exclusive")).release(); // it has gone on
  }
}
