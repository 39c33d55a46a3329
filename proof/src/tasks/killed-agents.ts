import { deepEqual, equal } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock, type Clock } from "@flockwork/core";
import { bundled } from "../harness/bundled.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { kinds, openCounted, type Kind } from "./stores.ts";

const agent = new URL("counting-agent.ts", import.meta.url);
const taskCount = 4;
const agentsAtOnce = 3;

/** The machine's clocks, an hour on: for it every lease of a dead agent is over. */
const later: Clock = {
  now: () => systemClock.now() + 3_600_000,
  monotonic: () => systemClock.monotonic() + 3_600_000,
  get name() {
    return systemClock.name;
  },
};

/** Agents that are killed at random moments: nothing acknowledged is gone, and no task stays stuck, in any store. */
export async function killedAgents(context: PartContext, kills: number): Promise<void> {
  for (const kind of kinds) {
    const what = `P2, P3, P7: ${kills} agents on ${kind} killed at random lose no acknowledged change and leave no task stuck`;
    context.say(what);
    await context.tally.check(what, () =>
      withTemporaryDirectory((directory) => killThem(context, kind, directory, kills)),
    );
  }
}

async function killThem(
  { random, tally }: PartContext,
  kind: Kind,
  directory: string,
  kills: number,
): Promise<void> {
  const tasks = await openCounted(kind, directory);
  await tasks.add(taskCount);
  const ids = await tasks.ids();
  equal(ids.length, taskCount);
  const acknowledged = new Map(ids.map((id) => [id, 0]));
  const file = await bundled(agent);
  for (let killed = 0; killed < kills; killed += agentsAtOnce) {
    const said: string[] = [];
    const begun = Promise.withResolvers<void>();
    const agents = Array.from({ length: agentsAtOnce }, (_, at) =>
      Program.node(file, [kind, directory, `agent:${killed + at}`], {
        onLine: (line) => {
          said.push(line);
          begun.resolve();
        },
      }),
    );
    const early = agents.map(async (program) => {
      const { errors } = await program.exited;
      if (said.length === 0) throw new Error(`an agent ended before it did anything: ${errors}`);
    });
    await Promise.race([begun.promise, ...early]);
    await sleep(random.between(0, 200));
    for (const program of agents) program.kill();
    await Promise.all(agents.map((program) => program.exited));
    for (const id of said) acknowledged.set(id, (acknowledged.get(id) ?? 0) + 1);
    // Whoever was killed right after its change was acknowledged had no time to say so.
    for (const id of ids) {
      const count = await tasks.count(id);
      const known = acknowledged.get(id) ?? 0;
      if (count < known) throw new Error(`${known - count} acknowledged changes of ${id} are gone`);
      if (count > known + agentsAtOnce)
        throw new Error(`${id} was changed ${count - known} times more than said`);
      acknowledged.set(id, count);
    }
    tally.count(`${kind}_changes`, said.length);
    await freeAgain(kind, directory, ids);
    const dead = await tasks.forgetDead?.();
    if (dead !== undefined) tally.count(`${kind}_dead_agents_seen`, dead.length);
  }
  await tasks.close();
}

/** An hour later everything can be claimed by somebody else. */
async function freeAgain(kind: Kind, directory: string, ids: readonly string[]): Promise<void> {
  const tasks = await openCounted(kind, directory, later);
  await tasks.claims.sweep();
  deepEqual(await tasks.claims.list(), []);
  for (const id of ids) {
    const claim = await tasks.claims.claim(id, { holder: "agent:inspector", leaseMs: 60_000, keep: false });
    if (!claim.granted) throw new Error(`${id} is stuck`);
    await claim.release();
  }
  await tasks.close();
}
