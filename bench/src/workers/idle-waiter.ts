/** Holds a lock, or waits for it. Arguments: data file, way. `hold` answers once it holds, until the end; a number is how many milliseconds to wait, answered with the processor time of waiting. */
import { setTimeout as delay } from "node:timers/promises";
import { answerLines } from "./line-server.ts";
import { openLockWay, prepareFile } from "./lock-ways.ts";

const [path = "", name = "ours", role = "hold"] = process.argv.slice(2);
const way = openLockWay(name);
if (role === "hold") prepareFile(path);
const cell = new Int32Array(new SharedArrayBuffer(4));

await answerLines(async (line) => {
  if (role === "hold") {
    // Inside the section nothing else runs here: it is the other process that is measured.
    void way(path, () => {
      process.stdout.write("{}\n");
      Atomics.wait(cell, 0, 0, Number(line));
    });
    return new Promise(() => {});
  }
  void Promise.resolve(way(path, () => {})).catch(() => {});
  await delay(200);
  const before = process.cpuUsage();
  const since = performance.now();
  await delay(Number(line));
  const { user, system } = process.cpuUsage(before);
  return { percent: (user + system) / 10 / (performance.now() - since) };
});
