/**
 * Program: competes, under a wall clock that jumps, for one kind of thing that only one may hold, and shows whenever it holds it.
 * Arguments: what (a kind of `holdings.ts`), directory, how often it is to have it, seed. Ends by saying how it went.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../harness/random.ts";
import { holdings, leaseMs, patienceMs } from "./holdings.ts";
import { jump, jumped } from "./jumping-date.ts";
import { upMs } from "./stay.ts";

/** What a holder saw. */
export interface Seen {
  readonly granted: number;
  readonly refused: number;
  /** Holds that were left to expire. */
  readonly abandoned: number;
  readonly jumps: number;
  /** The longest wait, as a share of what it was to wait at most. */
  readonly longest: number;
}

const [what = "", directory = "", rounds = "0", seed = "0"] = process.argv.slice(2);
const random = new Random(Number(seed));
const open = holdings[what];
if (open === undefined) throw new RangeError(`nothing to hold is called ${what}`);
const holding = await open(directory);
const counts = { granted: 0, refused: 0, abandoned: 0, longest: 0 };
/** Nobody waits so long for one who is gone. */
const longestMs = 120_000;
let lastGrantAt = performance.now();
while (counts.granted < Number(rounds)) {
  if (random.next() < 0.5) jump();
  const begunAt = performance.now();
  const askedMs = upMs();
  const hold = await holding.take();
  counts.longest = Math.max(counts.longest, (performance.now() - begunAt) / patienceMs);
  if (hold === undefined) {
    counts.refused += 1;
    if (performance.now() - lastGrantAt > longestMs) throw new Error(`nothing for ${longestMs} ms`);
    await sleep(random.between(1, 20));
    continue;
  }
  counts.granted += 1;
  lastGrantAt = performance.now();
  // Inside, nothing waits for a clock: whoever is slow here is not slower than its lease.
  const stay = hold.enter(askedMs);
  await sleep(random.between(0, 5));
  jump();
  try {
    const renewedMs = upMs();
    await hold.renew?.();
    if (hold.renew !== undefined) stay.renewed(renewedMs);
    const isLast = counts.granted === Number(rounds); // a queue need not wait for whoever ends
    if (hold.abandon !== undefined && !isLast && random.next() < 0.03) {
      counts.abandoned += 1;
      await hold.abandon(); // and stays inside: nobody else may come before it has expired
      continue;
    }
    stay.leave();
    await hold.giveBack();
  } catch (error) {
    // Whom the machine did not let run for most of its lease has lost it, and is told so.
    if (upMs() - askedMs < leaseMs / 2) throw error;
    stay.leave();
  }
}
await holding.close();
console.log(JSON.stringify({ ...counts, jumps: jumped.times } satisfies Seen));
process.exit(0);
