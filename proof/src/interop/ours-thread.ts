/** Worker: one thread's share of Flockwork's updates. Answers with its worst wait. */
import { parentPort, workerData } from "node:worker_threads";
import { repeat, type UpdateTask } from "./ours-updates.ts";

parentPort?.postMessage(await repeat(workerData as UpdateTask, false));
