/** Reads under lock without a pause, 15 to 25 ms each time. Arguments: data file, seconds. Answers `go` with its longest hold. */
import { setTimeout as delay } from "node:timers/promises";
import { withReadLock } from "@flockwork/core";
import { answerLines } from "./line-server.ts";

const [path = "", seconds] = process.argv.slice(2);

await answerLines(async () => {
  let longestMs = 0;
  let reads = 0;
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    await withReadLock(path, async () => {
      const since = performance.now();
      await delay(15 + Math.random() * 10);
      longestMs = Math.max(longestMs, performance.now() - since);
    });
    reads += 1;
  }
  return { longestMs, reads };
});
