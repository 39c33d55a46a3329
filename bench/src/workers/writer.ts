/** Takes the write lock now and then, amid readers. Arguments: data file, seconds. Answers `go` with its waits. */
import { setTimeout as delay } from "node:timers/promises";
import { withWriteLock } from "@flockwork/core";
import { answerLines } from "./line-server.ts";

const [path = "", seconds] = process.argv.slice(2);

await answerLines(async () => {
  const waitsMs: number[] = [];
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    await delay(5);
    const askedAt = performance.now();
    await withWriteLock(path, () => {
      waitsMs.push(performance.now() - askedAt);
    });
  }
  return { waitsMs };
});
