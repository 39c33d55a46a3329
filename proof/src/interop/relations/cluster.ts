/** Program: the workers of a cluster add to one counter. Arguments: counter, workers, times. */
import cluster from "node:cluster";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { withWriteLock } from "../../harness/core.ts";

const [counter = "", workers = "0", times = "0"] = process.argv.slice(2);
if (cluster.isPrimary) {
  const exits = Array.from({ length: Number(workers) }, () => once(cluster.fork(), "exit"));
  for (const exit of exits) if ((await exit)[0] !== 0) process.exitCode = 1;
} else {
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(
      counter,
      () => writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1)),
      { timeoutMs: Infinity },
    );
  }
  cluster.worker?.disconnect();
}
