/** T7 for the domain packages: whoever is stopped past the lease of a claim changes nothing once another one has it (Q2, L5). */
import { equal, match } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { keepsOthersOut } from "../crash/kernel-locks.ts";
import { bundled } from "../harness/bundled.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { stopped } from "../harness/stopped.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { claimedWork, type Claimed, type ClaimedWork } from "./claimed-work.ts";
import type { Ending } from "./paused-holder.ts";

const program = new URL("paused-claimer.ts", import.meta.url);
const leaseMs = 1_000;
/** The rival's own outlasts a slow disk: what is watched is the holder. */
const rivals = { leaseMs: 60_000, timeoutMs: 60_000 };
const stale = /^ERR_(?:LEASE_LOST|STALE_FENCING_TOKEN|TASK_CLAIMED|CLAIM_LOST|ALREADY_CLAIMED)$/;

/** Stops so many holders of each kind of work. */
export async function pauseClaims({ tally, random, say }: PartContext, each: number): Promise<void> {
  for (const count of ["claims_paused", "claims_lost_before"]) tally.count(count, 0);
  const runs = Object.keys(claimedWork).flatMap((name) =>
    Array.from({ length: each }, () => ({
      name,
      afterMs: random.between(0, 2 * leaseMs),
      early: random.next() < 0.5,
    })),
  );
  await inParallel(4, runs, async ({ name, afterMs, early }) => {
    const run = (): Promise<boolean> =>
      withTemporaryDirectory((directory) => stopOne(directory, name, afterMs, early));
    await tally.check(
      `T7: who is stopped past the lease of ${name} changes nothing after a takeover`,
      async () => {
        while (!(await run())) tally.count("claims_lost_before");
      },
      `stopped after ${afterMs} ms, the rival writes ${early ? "before" : "after"} it goes on`,
    );
    tally.count("claims_paused");
  });
  say("holders of claims stopped");
}

async function stopOne(directory: string, name: string, afterMs: number, early: boolean): Promise<boolean> {
  const work = claimedWork[name];
  if (work === undefined) throw new Error(`no work ${name}`);
  await work.prepare(directory);
  const holder = Program.node(await bundled(program), [directory, name, `${leaseMs}`]);
  try {
    await holder.line();
    await sleep(afterMs);
    if (!(await stopOutsideLocks(holder))) return false;
    const rival = await takeOver(work, directory);
    if (early) await rival.write("rival");
    const before = await work.written(directory);
    holder.tell("replaced");
    holder.kill("SIGCONT");
    const ending = JSON.parse(await holder.line()) as Ending;
    holder.tell("finish");
    await holder.finish();
    equal(await work.written(directory), before, "it wrote after the takeover");
    match(ending.refused, stale);
    equal(ending.wroteAfterSignal, 0, "it wrote after its signal had fired");
    equal(ending.signalled, true, `its write was refused with ${ending.refused} before its signal had fired`);
    await rival.write("rival");
    equal(await work.written(directory), "rival");
    await rival.finish();
    return true;
  } finally {
    holder.kill("SIGCONT");
    holder.kill();
  }
}

/** In one it would rightly keep everybody out until it goes on. @returns false where it had lost its claim before, and ended. */
async function stopOutsideLocks(holder: Program): Promise<boolean> {
  for (;;) {
    if (!(await stopped(holder))) return false;
    if (!keepsOthersOut(holder.pid)) return true;
    holder.kill("SIGCONT");
    await sleep(3);
  }
}

async function takeOver(work: ClaimedWork, directory: string): Promise<Claimed> {
  for (;;) {
    const rival = await work.claim(directory, "rival", rivals);
    if (rival !== undefined) return rival;
    await sleep(20);
  }
}
