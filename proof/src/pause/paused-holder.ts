/**
 * Program: acquires the lease "work" and writes under it, one write after the other, until one is refused. Says its token, then
 * what ended it. Arguments: directory, milliseconds of the lease.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Journal } from "./journal.ts";

/** How a holder ended. */
export interface Ending {
  /** The code of the error that refused its last write; `nothing` where none did. */
  readonly refused: string;
  /** Whether its signal had fired before that write was refused. */
  readonly signalled: boolean;
  readonly wrote: number;
  /** Writes that went through although its signal had fired before they began. */
  readonly wroteAfterSignal: number;
}

const [directory = "", leaseMs = "0"] = process.argv.slice(2);
const journal = new Journal(directory, Number(leaseMs));
const lease = await journal.leases.acquire("work");
let fired = false;
lease.signal.addEventListener("abort", () => (fired = true));
/** Tries that are left. */
let left = Infinity;
process.stdin.once("data", () => (left = 20));
console.log(lease.token);
const counts = { wrote: 0, wroteAfterSignal: 0 };
for (;;) {
  const before = fired;
  try {
    if ((left -= 1) < 0) throw Object.assign(new Error("nothing refused it"), { code: "nothing" });
    await journal.write("holder", lease.fence);
    counts.wrote += 1;
    if (before) counts.wroteAfterSignal += 1;
    await sleep(1); // so that stops fall between writes, too
  } catch (error) {
    const refused = String((error as { code?: unknown }).code);
    console.log(JSON.stringify({ refused, signalled: fired, ...counts } satisfies Ending));
    break;
  }
}
process.exit(0);
