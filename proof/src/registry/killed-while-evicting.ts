import { deepEqual, equal, ok } from "node:assert/strict";
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
        const said: string[] = [];
        const ready = Promise.withResolvers<void>();
        const file = await bundled(new URL("evictor.ts", import.meta.url));
        const program = Program.node(file, [directory], {
          onLine: (line) => (line === "ready" ? ready.resolve() : said.push(...line.split(" "))),
        });
        void program.exited.then(() => ready.resolve());
        await ready.promise;
        await pause(random.between(20, 400));
        program.kill();
        const { code, signal, errors } = await program.exited;
        equal(signal, "SIGKILL", `it ended by itself with ${code}: ${errors}`);
        tally.count("evictions", await verify(directory, said));
        tally.count("sweepers_killed");
      }
    }),
  );
  await tally.check("P3, P5: sweepers that were killed had evicted", () =>
    ok(tally.counted("evictions") >= kills, "hardly any eviction"),
  );
}

/**
 * Looks under the locks, which finishes what was interrupted. Then ends what is left.
 *
 * @param told - The agents of which the killed one said that they had claimed.
 * @returns how many of them had ended by then.
 */
async function verify(directory: string, told: readonly string[]): Promise<number> {
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
  const audited = (await auditOf(store).read()).map(({ id }) => id);
  deepEqual(audited.length, new Set(audited).size, "an effect ran twice");
  const released = told.filter((id) => !claimed.has(id));
  const known = new Set(audited);
  deepEqual(
    released.filter((id) => !known.has(id)),
    [],
    "released, and nobody wrote it down",
  );
  deepEqual(
    audited.filter((id) => claimed.has(id)),
    [],
    "written down, and not released",
  );
  const { failed } = await agents.sweep();
  deepEqual(failed, []);
  // Claims of agents that were never registered before the kill are nobody's: the next round does not look at them.
  await claimsOf(store).write({ tasks: {} });
  return released.length;
}
