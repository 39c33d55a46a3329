// Random acquire, abort, timeout and release cycles on a few locks, with a second process and workers interfering;
// then looks for what must not be there: two owners, a ghost lock, a thread or a descriptor left over.
//   node scripts/soak.ts [cycles] [seed]      100000 cycles by default; exits 1 when anything was found
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

import { loadBinding } from "../src/index.ts";
import { descriptorCount, threadCount } from "./soak/process-counts.ts";
import { randomSource } from "./soak/random.ts";
import { type SoakCounts, soakTask } from "./soak/task.ts";

const cycles = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000);
const directory = mkdtempSync(join(tmpdir(), "flockwork-soak-"));
const paths = Array.from({ length: 6 }, (_, index) => join(directory, `${index}.lock`));
const flock = loadBinding();
const counts: SoakCounts = { granted: 0, cancelled: 0, timedOut: 0, busy: 0, violations: 0 };
const random = randomSource(seed);
const fixture = (name: string): string => fileURLToPath(new URL(`soak/${name}.ts`, import.meta.url));

/** A worker that waits for locks and is terminated at a random moment. */
async function terminatedWorker(): Promise<void> {
  const worker = new Worker(fixture("doomed-worker"), { workerData: paths });
  await once(worker, "message");
  for (let turns = random(20); turns > 0; turns -= 1) await setImmediate();
  await worker.terminate();
}

async function warmUp(): Promise<void> {
  const fd = openSync(paths[0] ?? "", "w");
  await flock.wait(fd, "exclusive").granted;
  flock.unlock(fd);
  await terminatedWorker();
}

async function settled(count: () => number, baseline: number): Promise<number> {
  for (let look = 0; look < 10_000 && count() > baseline; look += 1) await setImmediate();
  return count();
}

await warmUp();
const rival = fork(fixture("rival"), [JSON.stringify(paths), String(seed + 1)]);
await once(rival, "message");
rival.on("message", () => (counts.violations += 1));
const before = { threads: threadCount(), descriptors: descriptorCount() };
let left = cycles;
let workers = 0;
const takeCycle = (): boolean => {
  left -= 1;
  return left >= 0;
};
const tasks = Array.from({ length: 24 }, () => soakTask({ flock, paths, random, counts, takeCycle }));
const terminations = (async () => {
  for (; left > 0; workers += 1) await terminatedWorker();
})();
await Promise.all([...tasks, terminations]);
const after = {
  threads: await settled(threadCount, before.threads),
  descriptors: await settled(descriptorCount, before.descriptors),
};
const rivalExit = once(rival, "exit");
rival.kill("SIGKILL");
await rivalExit;

const ghosts = paths.filter((path) => !flock.tryLock(openSync(path, "r+"), "exclusive")).length;
rmSync(directory, { recursive: true });
const sound =
  counts.violations === 0 &&
  ghosts === 0 &&
  after.threads <= before.threads &&
  after.descriptors <= before.descriptors;
console.log(
  `soak ${sound ? "passed" : "FAILED"}: ${cycles} cycles on ${paths.length} locks with ${flock.name}, seed ${seed}: ` +
    `${counts.granted} granted, ${counts.cancelled} cancelled, ${counts.timedOut} timed out, ${counts.busy} busy, ` +
    `${workers} workers terminated, ${counts.violations} violations, ${ghosts} ghost locks, ` +
    `threads ${before.threads} -> ${after.threads}, descriptors ${before.descriptors} -> ${after.descriptors}`,
);
process.exit(sound ? 0 : 1);
