/** Worker: one thread's share of Flockwork's updates, once it is told to begin. Answers with what it saw. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { repeat, type UpdateTask } from "./ours-updates.ts";

if (parentPort !== null) {
  parentPort.postMessage("ready");
  await once(parentPort, "message");
  parentPort.postMessage(await repeat(workerData as UpdateTask, false));
  parentPort.close();
}
