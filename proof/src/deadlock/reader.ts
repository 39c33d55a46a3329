/**
 * Program: takes the shared lock of a file again and again, a few milliseconds each, and notes how often in a file of its own, until
 * its input ends. Arguments: how (`ours`, or `bare` for flock(2) alone), file, file of its count.
 */
import { constants, openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { loadBinding } from "@flockwork/flock";
import { withReadLock } from "../harness/core.ts";

const [how = "", path = "", countPath = ""] = process.argv.slice(2);
const count = openSync(countPath, constants.O_RDWR | constants.O_CREAT);
const holdMs = 5;
let isOver = false;
let reads = 0;
process.stdin.resume().once("end", () => (isOver = true));

function note(): void {
  reads += 1;
  writeSync(count, String(reads).padStart(12), 0);
}

async function hold(): Promise<void> {
  note();
  await sleep(holdMs);
}

const binding = loadBinding();
const fd = how === "bare" ? openSync(`${path}.lock`, constants.O_RDWR | constants.O_CREAT, 0o600) : -1;

async function readBare(): Promise<void> {
  if (!binding.tryLock(fd, "shared")) return await sleep(1);
  await hold();
  binding.unlock(fd);
}

console.log("ready");
while (!isOver) {
  if (how === "bare") await readBare();
  else await withReadLock(path, hold, { timeoutMs: 60_000 });
}
process.exit(0);
