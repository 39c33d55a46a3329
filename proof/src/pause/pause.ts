/** T7: a holder that is stopped past its lease, and continued after a rival took over, writes nothing any more (D5, L5, P7). */
import { equal, ok } from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inspectLock, type Lease } from "../harness/core.ts";
import { inParallel } from "../harness/in-parallel.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import type { Random } from "../harness/random.ts";
import type { Tally } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { Journal, type Entry } from "./journal.ts";
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
  readonly pauses: number;
  readonly atOnce: number;
}

export async function pause(context: PartContext): Promise<void> {
  await pauseHolders(context, { pauses: context.long ? 500 : 20, atOnce: 4 });
}

/** Stops so many holders, each at another moment. */
export async function pauseHolders({ tally, random, say }: PartContext, sizes: PauseSizes): Promise<void> {
  for (const count of counts) tally.count(count, 0);
  const runs = Array.from({ length: sizes.pauses }, (_, run) => ({
    run,
    afterMs: stopAfter(random),
    early: random.next() < 0.5,
  }));
  await inParallel(sizes.atOnce, runs, async ({ run, afterMs, early }) => {
    const how = `run ${run}: stopped after ${afterMs} ms, the rival writes ${early ? "before" : "after"} it goes on`;
    await tally.check(
      "T7: a stopped holder writes nothing after a takeover",
      () => withTemporaryDirectory((directory) => stopOne(directory, afterMs, early, tally)),
      how,
    );
    if (run % 50 === 49) say(`${run + 1} holders stopped`);
  });
}

/** Within the first lease or after some renewals, so that stops fall between writes, into writes and into renewals. */
function stopAfter(random: Random): number {
  return random.between(0, 2 * leaseMs);
}

async function stopOne(directory: string, afterMs: number, early: boolean, tally: Tally): Promise<void> {
  const journal = new Journal(directory, leaseMs);
  const holder = Program.node(program, [directory, `${leaseMs}`]);
  try {
    const token = await holder.line();
    await sleep(afterMs);
    holder.kill("SIGSTOP");
    const rival = await takeOver(journal, holder, tally);
    tally.count("pauses");
    const before = await journal.read();
    // It may have been stopped while it held the lock of the journal: that write is before everything the rival does.
    const inside = inspectLock(journal.path).held;
    if (inside) tally.count("stopped_in_a_write");
    if (early && !inside) await journal.write("rival", rival.fence);
    holder.kill("SIGCONT");
    const ending = JSON.parse(await holder.line()) as Ending;
    await journal.write("rival", rival.fence);
    const after = await journal.read();
    await rival.release();
    await holder.finish();
    examine({ token, ending, before, after, inside, tally });
  } finally {
    holder.kill("SIGCONT");
    holder.kill();
  }
}

/** A holder that is stopped inside the lock of the leases keeps everybody out until it goes on: then it must stop by itself. */
async function takeOver(journal: Journal, holder: Program, tally: Tally): Promise<Lease> {
  const held = await journal.leases.inspect("work");
  try {
    const rival = await journal.leases.acquire("work", rivals);
    tally.highest("max_ms_past_grace", msBetween(held?.expiresAt, rival.record.acquiredAt) - graceMs);
    return rival;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_LOCK_TIMEOUT") throw error;
    tally.count("stopped_in_the_leases");
    holder.kill("SIGCONT");
    return await journal.leases.acquire("work", rivals);
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
  readonly tally: Tally;
}

function examine({ token, ending, before, after, inside, tally }: Outcome): void {
  const late = after.slice(before.length).filter((entry) => entry.token === token);
  const firstOfRival = after.findIndex((entry) => entry.by === "rival");
  const stale = after.slice(firstOfRival).filter((entry) => entry.by === "holder");
  tally.count("stale_writes", stale.length + (inside ? 0 : late.length));
  if (inside) tally.count("finished_in_the_lock", late.length);
  equal(stale.length, 0, "a write of the old holder came after one of the new");
  ok(late.length <= (inside ? 1 : 0), "the old holder wrote after the takeover");
  equal(ending.wroteAfterSignal, 0, "it wrote after its signal had fired");
  ok(ending.signalled, "its write was refused before its signal had fired");
  ok(["ERR_LEASE_LOST", "ERR_STALE_FENCING_TOKEN"].includes(ending.refused), ending.refused);
}
