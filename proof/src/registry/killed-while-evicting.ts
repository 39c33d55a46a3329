import { deepEqual } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { fileStore } from "@flockwork/core";
import { agentRegistry } from "@flockwork/registry";
import { bundled } from "../harness/bundled.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { auditOf, claimsOf, releasing } from "./claims.ts";

/** Sweepers are killed at random moments: an eviction and what it releases happen together or not at all, and once. */
export async function killedWhileEvicting({ tally, random, say }: PartContext, kills: number): Promise<void> {
  const what = `P3, P5: of ${kills} sweepers that were killed, none left an eviction without its effects, or effects without it`;
  say(what);
  await tally.check(what, () =>
    withTemporaryDirectory(async (directory) => {
      for (let kill = 0; kill < kills; kill += 1) {
        const program = Program.node(await bundled(new URL("evictor.ts", import.meta.url)), [directory]);
        await program.expect("ready");
        await pause(random.between(20, 400));
        program.kill();
        await program.dead;
        tally.count("evictions", await verify(directory));
      }
    }),
  );
  tally.count("sweepers_killed", kills);
}

/** Looks under the locks, which finishes what was interrupted. Then ends what is left. Returns how many ended in all. */
async function verify(directory: string): Promise<number> {
  const store = fileStore(directory);
  const agents = agentRegistry(store, { durability: "os", keepEnds: 100_000 });
  agents.onDeath("*", releasing(store));
  const claimed = new Set(Object.values((await claimsOf(store).readLocked()).tasks));
  const registered = (await agents.list()).map(({ id }) => id);
  const withoutClaim = registered.filter((id) => !claimed.has(id));
  deepEqual(withoutClaim, [], "released, but still registered");
  const ended = await Promise.all(
    [...claimed].map(async (id) => ((await agents.whyDead(id))?.endedAt === undefined ? [] : [id])),
  );
  deepEqual(
    ended.flat().filter((id) => !registered.includes(id)),
    [],
    "evicted, but not released",
  );
  const { failed } = await agents.sweep();
  deepEqual(failed, []);
  const audited = (
    await auditOf(store)
      .read()
      .catch(() => [])
  ).map(({ id }) => id);
  deepEqual(audited.length, new Set(audited).size, "an effect ran twice");
  // Claims of agents that were never registered before the kill are nobody's: the next round does not look at them.
  await claimsOf(store).write({ tasks: {} });
  return audited.length;
}
