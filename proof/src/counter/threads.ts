/** Program: several worker threads of one process increment the same counter. Arguments: file, times, callers of a thread, then one way for each thread. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { IncrementerTask } from "./incrementer.ts";

const [path = "", times = "0", callers = "1", ...ways] = process.argv.slice(2);
const exits = ways.map(async (how) => {
  const workerData: IncrementerTask = { how, path, times: Number(times), callers: Number(callers) };
  const worker = new Worker(new URL("incrementer.ts", import.meta.url), { workerData });
  const [code] = (await once(worker, "exit")) as [number];
  if (code !== 0) throw new Error(`the thread that increments by ${how} ended with ${code}`);
});
await Promise.all(exits);
