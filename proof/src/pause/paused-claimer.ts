/**
 * Program: claims work and writes under the claim, one write after the other, until one is refused; then, once it is told to,
 * tries to finish: before somebody else has the work, it might. Says "claimed", then what ended it. Arguments: directory, name of the work, milliseconds of the lease.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { claimedWork } from "./claimed-work.ts";
import type { Ending } from "./paused-holder.ts";

const [directory = "", name = "", leaseMs = "0"] = process.argv.slice(2);
const lease = { leaseMs: Number(leaseMs), timeoutMs: 60_000 };
const claimed = await claimedWork[name]?.claim(directory, "holder", lease);
if (claimed === undefined) throw new Error(`${name} is not to be had`);
let fired = false;
claimed.signal.addEventListener("abort", () => (fired = true));
/** Tries that are left. */
let left = Infinity;
let told = "";
const mayFinish = Promise.withResolvers<void>();
process.stdin.on("data", (chunk) => {
  told += String(chunk);
  if (told.includes("replaced")) left = Math.min(left, 20);
  if (told.includes("finish")) mayFinish.resolve();
});
console.log("claimed");
const counts = { wrote: 0, wroteAfterSignal: 0 };
for (;;) {
  const before = fired;
  try {
    if ((left -= 1) < 0) throw Object.assign(new Error("nothing refused it"), { code: "nothing" });
    await claimed.write(`holder ${counts.wrote}`);
    counts.wrote += 1;
    if (before) counts.wroteAfterSignal += 1;
    await sleep(5); // so that most stops fall between writes
  } catch (error) {
    const refused = String((error as { code?: unknown }).code ?? error);
    const ending: Ending = { refused, signalled: fired, ...counts };
    console.log(JSON.stringify(ending));
    await mayFinish.promise;
    await claimed.finish().catch(() => undefined); // it must not take the work from whoever has it now
    break;
  }
}
process.exit(0);
