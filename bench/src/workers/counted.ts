/**
 * Counts something up, as often as it can. Arguments: `document` or `log`, the file, the way, durability, and how many kilobytes it begins
 * with where it is missing.
 * Orders: `warm <calls> [<seconds>]` on a small file of its own, no longer than that; `for <seconds>`, answered with how long each call
 * took, and what they cost; `stored`, with what is there.
 */
import type { Durability } from "@flockwork/core";
import { openDocumentWay, type CountedWay } from "./document-ways.ts";
import { answerLines } from "./line-server.ts";
import { openLineWay } from "./line-ways.ts";

/** The answer to `for <seconds>`. */
export interface Counted {
  /** Of each call that was acknowledged, its waits and all. */
  readonly latenciesUs: readonly number[];
  /** Acknowledged before the time was over: whoever waited for a lock then gets it later. */
  readonly inTime: number;
  readonly failed: number;
  readonly cpuUs: number;
}

const [what = "", path = "", name = "", durability = "disk", kilobytes = "10"] = process.argv.slice(2);

function open(file: string, size: number): CountedWay {
  return what === "log"
    ? openLineWay(name, file, durability as Durability, size)
    : openDocumentWay(name, file, durability as Durability, size);
}

const way = open(path, Number(kilobytes));

/** Compiles what a call runs, as well for a large file as for a small one. */
async function warmUp(calls: number, seconds: number): Promise<void> {
  const small = open(`${path}.warm-${process.pid}`, 10);
  const endAt = performance.now() + seconds * 1_000;
  for (let at = 0; at < calls && performance.now() < endAt; at += 1) await small.update();
}

await answerLines(async (line) => {
  const [order, amount, most = "Infinity"] = line.split(" ");
  if (order === "stored") return { stored: way.stored() };
  if (order === "warm") {
    await warmUp(Number(amount), Number(most));
    return {};
  }
  const before = process.cpuUsage();
  const latenciesUs: number[] = [];
  let [failed, inTime] = [0, 0];
  const endAt = performance.now() + Number(amount) * 1_000;
  while (performance.now() < endAt) {
    const since = performance.now();
    try {
      await way.update();
      const now = performance.now();
      latenciesUs.push(Math.round((now - since) * 10_000) / 10);
      if (now < endAt) inTime += 1;
    } catch {
      failed += 1; // what was not acknowledged is not lost
    }
  }
  const { user, system } = process.cpuUsage(before);
  return { latenciesUs, inTime, failed, cpuUs: user + system } satisfies Counted;
});
