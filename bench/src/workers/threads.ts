/** Whether waiting for locks keeps the event loop's threads. Arguments: the way, the files. `wait` starts to wait for all of them; a number is how many times to ask for a file's facts, answered with the median. */
import { stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { median } from "../measure/statistics.ts";
import { answerLines } from "./line-server.ts";
import { openLockWay } from "./lock-ways.ts";

const [name = "ours", ...paths] = process.argv.slice(2);
const way = openLockWay(name);

await answerLines(async (line) => {
  if (line === "wait") {
    for (const path of paths) void Promise.resolve(way(path, () => {})).catch(() => {});
    await delay(200);
    return {};
  }
  const latencies: number[] = [];
  for (let at = 0; at < Number(line); at += 1) {
    const since = performance.now();
    await stat(".");
    latencies.push((performance.now() - since) * 1_000);
  }
  return { medianUs: median(latencies) };
});
