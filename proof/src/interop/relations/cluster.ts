/** Program: the workers of a cluster add to one counter; none begins before all are there. Arguments: counter, workers, times. */
import cluster from "node:cluster";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { withWriteLock } from "../../harness/core.ts";

const [counter = "", workers = "0", times = "0"] = process.argv.slice(2);
if (cluster.isPrimary) {
  const all = Array.from({ length: Number(workers) }, () => cluster.fork());
  const exits = all.map((worker) => once(worker, "exit"));
  await Promise.all(all.map((worker) => once(worker, "message")));
  for (const worker of all) worker.send("go");
  for (const exit of exits) if ((await exit)[0] !== 0) process.exitCode = 1;
} else {
  process.send?.("ready");
  await once(process, "message");
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(
      counter,
      () => writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1)),
      { timeoutMs: Infinity },
    );
  }
  cluster.worker?.disconnect();
}
