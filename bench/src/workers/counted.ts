/**
 * Counts something up, as often as it can. Arguments: `document` or `log`, the file, the way, durability, size in kilobytes.
 * Orders: `for <seconds>`, answered with what was acknowledged, and what it cost; `stored`, with what is there.
 */
import type { Durability } from "@flockwork/core";
import { percentile } from "../measure/statistics.ts";
import { openDocumentWay } from "./document-ways.ts";
import { answerLines } from "./line-server.ts";
import { openLineWay } from "./line-ways.ts";

const [what = "", path = "", name = "", durability = "disk", kilobytes = "10"] = process.argv.slice(2);
const way =
  what === "log"
    ? openLineWay(name, path, durability as Durability)
    : openDocumentWay(name, path, durability as Durability, Number(kilobytes));

await answerLines(async (order) => {
  if (order === "stored") return { stored: way.stored() };
  const before = process.cpuUsage();
  const latenciesUs: number[] = [];
  let [failed, inTime] = [0, 0];
  const endAt = performance.now() + Number(order.slice("for ".length)) * 1_000;
  while (performance.now() < endAt) {
    const since = performance.now();
    try {
      await way.update();
      const now = performance.now();
      latenciesUs.push((now - since) * 1_000);
      if (now < endAt) inTime += 1;
    } catch {
      failed += 1; // what was not acknowledged is not lost
    }
  }
  const { user, system } = process.cpuUsage(before);
  return {
    done: latenciesUs.length,
    inTime,
    failed,
    p50Us: percentile(latenciesUs, 0.5),
    p99Us: percentile(latenciesUs, 0.99),
    cpuUs: user + system,
  };
});
