/** SIGKILL at every system call that changes something, of a start, a stop, and the commits in which a session ends. */
import { ok } from "node:assert/strict";
import type { CrashOperation } from "../crash/crash-operation.ts";
import { killAtEveryCall } from "../crash/kill-every-call.ts";
import type { PartContext } from "../harness/part.ts";
import { Tally } from "../harness/tally.ts";
import { verifyAftermath } from "./aftermath.ts";

const actor = new URL("kill-actor.ts", import.meta.url);

/** @param limit - Kills at most, chosen by the seed. Infinity: at every call. */
export async function killedAtEveryCall(
  context: PartContext,
  root: string,
  what: string,
  limit: number,
): Promise<void> {
  const { tally, say } = context;
  const seen = { done: 0 };
  const operation: CrashOperation = {
    name: `P2, P3, P6: ${what}`,
    argument: what,
    actor,
    onlyChanging: true,
    files: [],
    content: () => undefined,
    run: () => undefined,
    async verify({ directory, acknowledged, begun }) {
      const done = await verifyAftermath(what, directory);
      ok(done || acknowledged < begun, "it was acknowledged, and has not happened");
      if (done) seen.done += 1;
    },
  };
  const own = new Tally(say);
  await killAtEveryCall({ ...context, tally: own }, root, {
    killsEach: limit,
    befores: [0],
    operations: [operation],
  });
  tally.absorb(own);
  for (const name of ["calls", "missed"]) tally.count(name, own.counted(name));
  tally.count("kills", own.counted("killed") + own.counted("elsewhere"));
  say(`${operation.name}: ${seen.done} of the kills after the commit`);
}
