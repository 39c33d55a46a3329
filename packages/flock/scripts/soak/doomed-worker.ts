// Waits for every lock there is, and for nothing else: its parent terminates it meanwhile.
import { openSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { loadBinding } from "../../src/index.ts";

const flock = loadBinding();
for (const path of workerData as readonly string[]) {
  const fd = openSync(path, "a+");
  void flock.wait(fd, "exclusive").granted.then(() => flock.unlock(fd));
}
parentPort?.postMessage("waiting");
