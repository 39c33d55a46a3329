/** What a holder leaves when it is killed: a lock that is free at once, or one that is judged stale in time. */
import { equal } from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { inspectLock } from "../harness/core.ts";
import type { Program } from "../harness/program.ts";
import { attempt, held, release, type Pair, type Side } from "./pair.ts";

/** How soon a lock that dies with its holder must be another's, beside the pause of a waiter that polls. */
const promptMs = 50;
/** After so long a waiter that is not seen to wait never will be. */
const seenWithinMs = 30_000;

/** The longest time from the kill of a holder until the other side is in, which waited already. */
export async function freedByDeath(pair: Pair, one: Side, other: Side, mode = "ex"): Promise<string> {
  const { neighbour, deaths, patient } = pair;
  const times: number[] = [];
  for (let at = 0; at < deaths; at += 1) times.push(await timeOfDeath(pair, one, other, mode));
  times.sort((a, b) => a - b);
  const [median = 0, worst = 0] = [times[Math.floor(times.length / 2)], times.at(-1)];
  // The median: a machine that is busy elsewhere may be late now and then.
  const pauseMs = other === pair.theirs ? (neighbour.pollMs ?? 0) : 0;
  if (patient && median > promptMs + pauseMs)
    throw new Error(`the other side waited for ${median.toFixed(0)} ms after a death`);
  return `${worst.toFixed(0)} ms`;
}

/** {@link freedByDeath}, where the lock of the dead stays until it is judged stale. */
export async function freedByStaleness(pair: Pair, side: "ours" | "theirs"): Promise<string> {
  const { staleness } = pair.neighbour;
  const afterMs = staleness?.[`${side}AfterMs`] ?? 0;
  if (afterMs === Infinity) return removedByOurs(pair);
  if (afterMs > 5_000 && !pair.patient) return `by staleness, ${afterMs / 1_000} s (not run)`;
  const [one, other] = side === "ours" ? [pair.ours, pair.theirs] : [pair.theirs, pair.ours];
  const ms = await timeOfDeath(pair, one, other, "ex");
  return afterMs === 0 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s, by staleness`;
}

/** A neighbour that judges nobody: the lock of ours that died stays to it, until the next of ours comes. */
async function removedByOurs({ ours, theirs }: Pair): Promise<string> {
  const holder = await held(ours, "ex");
  holder.kill();
  await holder.exited;
  equal(await attempt(theirs, "ex"), "busy", "a neighbour that judges nobody");
  equal(await attempt(ours, "ex"), "granted", "the next of ours");
  equal(await attempt(theirs, "ex"), "granted", "a neighbour after it");
  return "by the next of ours";
}

async function timeOfDeath(pair: Pair, one: Side, other: Side, mode: string): Promise<number> {
  const holder = await held(one, mode);
  equal(await attempt(other, "ex"), "busy");
  const waiter = other("wait", ["ex"]);
  await untilItWaits(pair, other, waiter);
  const killedAt = performance.now();
  holder.kill();
  await waiter.expect("held");
  const ms = performance.now() - killedAt;
  await release(waiter);
  return ms;
}

/** Who polls is in nobody's queue: once it has said that it is going to ask, a pause is all there is. */
async function untilItWaits(
  { neighbour, ours, directory }: Pair,
  side: Side,
  waiter: Program,
): Promise<void> {
  if (side === ours || neighbour.announces === true) await waiter.expect("asking");
  const isUnseen = side === ours ? neighbour.oursPolls === true : neighbour.pollMs !== undefined;
  // Record locks have a queue of their own.
  if (isUnseen || neighbour.staleness !== undefined || neighbour.layout === "todo2") return pause(500);
  const data = join(directory, neighbour.data ?? "data");
  const endsAt = performance.now() + seenWithinMs;
  while (inspectLock(data, { layout: neighbour.layout }).waiters.length === 0) {
    if (performance.now() > endsAt) throw new Error("the waiter is not in the kernel's queue");
    await pause(1);
  }
  return undefined;
}
