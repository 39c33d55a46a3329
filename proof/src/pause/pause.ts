/** T7: a holder that is stopped past its lease, and continued after a rival took over, writes nothing any more (D5, L5, P7). */
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { bundled } from "../harness/bundled.ts";
import { inspectLock, type Lease } from "../harness/core.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import type { Random } from "../harness/random.ts";
import type { Tally } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { Journal, type Entry } from "./journal.ts";
import { pauseClaims } from "./pause-claims.ts";
import type { Ending } from "./paused-holder.ts";

const program = new URL("paused-holder.ts", import.meta.url);
const leaseMs = 1_000;
const graceMs = leaseMs / 10;
/** The rival's own lease outlasts a slow disk: what is watched is the holder. */
const rivals = { leaseMs: 30_000, timeoutMs: 4 * (leaseMs + graceMs) };
const counts = [
  "pauses",
  "stale_writes",
  "stopped_in_a_write",
  "finished_in_the_lock",
  "stopped_in_the_leases",
] as const;

export interface PauseSizes {
  /** Holders that go on after they were replaced. Those that could not be replaced before are made up for, and counted apart. */
  readonly pauses: number;
  readonly atOnce: number;
}

export async function pause(context: PartContext): Promise<void> {
  await pauseHolders(context, { pauses: context.long ? 500 : 20, atOnce: 4 });
  await pauseClaims(context, context.long ? 20 : 1);
}

/** Stops holders, each at another moment, until so many have gone on after a rival took over. */
export async function pauseHolders({ tally, random, say }: PartContext, sizes: PauseSizes): Promise<void> {
  for (const count of counts) tally.count(count, 0);
  const most = 3 * sizes.pauses;
  let run = 0;
  const missing = (): number => sizes.pauses - tally.counted("pauses");
  while (missing() > 0 && run < most) {
    const runs = Array.from({ length: Math.min(missing(), most - run) }, () => ({
      run: (run += 1),
      afterMs: stopAfter(random),
      early: random.next() < 0.5,
    }));
    await inParallel(sizes.atOnce, runs, async (each) => {
      const order = each.early ? "before" : "after";
      await tally.check(
        "T7: a stopped holder writes nothing after a takeover",
        () => withTemporaryDirectory((directory) => stopOne(directory, each.afterMs, each.early, tally)),
        `run ${each.run}: stopped after ${each.afterMs} ms, the rival writes ${order} it goes on`,
      );
      if (each.run % 50 === 0) say(`${each.run} holders stopped`);
    });
  }
  if (missing() > 0)
    tally.fail(
      "T7: enough holders are replaced while they are stopped",
      `${missing()} of ${most} are missing`,
    );
}

/** Within the first lease or after some renewals, so that stops fall between writes, into writes and into renewals. */
function stopAfter(random: Random): number {
  return random.between(0, 2 * leaseMs);
}

async function stopOne(directory: string, afterMs: number, early: boolean, tally: Tally): Promise<void> {
  const journal = new Journal(directory, leaseMs);
  const holder = Program.node(await bundled(program), [directory, `${leaseMs}`]);
  try {
    const token = await holder.line();
    await sleep(afterMs);
    holder.kill("SIGSTOP");
    const { rival, inTime } = await takeOver(journal, holder, tally);
    const before = await journal.read();
    // It may have been stopped while it held the lock of the journal: that write is before everything the rival does.
    const inside = inspectLock(journal.path).held;
    if (inside && inTime) tally.count("stopped_in_a_write");
    if (early && !inside) await journal.write("rival", rival.fence);
    holder.tell("replaced");
    holder.kill("SIGCONT");
    const ending = JSON.parse(await holder.line()) as Ending;
    await journal.write("rival", rival.fence);
    const after = await journal.read();
    await rival.release();
    await holder.finish();
    examine({ token, ending, before, after, inside, inTime, tally });
    tally.count(inTime ? "pauses" : "stopped_in_the_leases");
  } finally {
    holder.kill("SIGCONT");
    holder.kill();
  }
}

interface Takeover {
  readonly rival: Lease;
  /** Whether the holder was still stopped when it was replaced. */
  readonly inTime: boolean;
}

/** A holder that is stopped inside the lock of the leases keeps everybody out until it goes on: then it must stop by itself. */
async function takeOver(journal: Journal, holder: Program, tally: Tally): Promise<Takeover> {
  const held = await journal.leases.inspect("work");
  try {
    const rival = await journal.leases.acquire("work", rivals);
    tally.highest("max_ms_past_grace", msBetween(held?.expiresAt, rival.record.acquiredAt) - graceMs);
    return { rival, inTime: true };
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_LOCK_TIMEOUT") throw error;
    holder.kill("SIGCONT");
    return { rival: await journal.leases.acquire("work", rivals), inTime: false };
  }
}

function msBetween(from: string | undefined, to: string): number {
  return Date.parse(to) - Date.parse(from ?? to);
}

interface Outcome {
  readonly token: string;
  readonly ending: Ending;
  /** The journal when the rival had taken over, and at the end. */
  readonly before: readonly Entry[];
  readonly after: readonly Entry[];
  readonly inside: boolean;
  readonly inTime: boolean;
  readonly tally: Tally;
}

function examine({ token, ending, before, after, inside, inTime, tally }: Outcome): void {
  const late = after.slice(before.length).filter((entry) => entry.token === token);
  const firstOfRival = after.findIndex((entry) => entry.by === "rival");
  const stale = after.slice(firstOfRival).filter((entry) => entry.by === "holder");
  tally.count("stale_writes", stale.length + (inside ? 0 : late.length));
  if (inside && inTime) tally.count("finished_in_the_lock", late.length);
  ok(["ERR_LEASE_LOST", "ERR_STALE_FENCING_TOKEN", "nothing"].includes(ending.refused), ending.refused);
  equal(stale.length, 0, "a write of the old holder came after one of the new");
  ok(late.length <= (inside ? 1 : 0), "the old holder wrote after the takeover");
  equal(ending.wroteAfterSignal, 0, "it wrote after its signal had fired");
  equal(ending.refused === "nothing", false, "nothing refused it");
  ok(ending.signalled, "its write was refused before its signal had fired");
}
