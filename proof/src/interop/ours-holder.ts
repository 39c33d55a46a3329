/** Worker: holds a lock until it is told to give it back. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { acquireLock } from "../harness/core.ts";
import { lockOptions } from "./ours-updates.ts";

const { mode, data } = workerData as { readonly mode: "exclusive" | "shared"; readonly data: string };
const lock = await acquireLock(data, mode, { ...lockOptions, timeoutMs: Infinity });
if (parentPort !== null) {
  parentPort.postMessage("held");
  await once(parentPort, "message");
  await lock.release();
  parentPort.close();
}
