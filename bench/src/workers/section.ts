/**
 * A process of a fleet, the twin of baselines/section.c. Arguments: data file, section in microseconds, think time in
 * microseconds, seconds to run, and the way to lock.
 */
import { openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { answerLines } from "./line-server.ts";
import { openLockWay } from "./lock-ways.ts";

const [path = "", sectionUs, thinkUs, seconds, name = "ours"] = process.argv.slice(2);
const way = openLockWay(name);
let data = openSync(path, "r+");
const bytes = Buffer.alloc(8);
const cell = new Int32Array(new SharedArrayBuffer(4));
const waitsUs: number[] = [];

/** Sleeps the thread as C's nanosleep does; a timer would add up to a millisecond of its own. */
function sleep(us: number): void {
  if (us > 0) Atomics.wait(cell, 0, 0, us / 1000);
}

function section(askedAt: number, us: number): void {
  waitsUs.push(Math.round((performance.now() - askedAt) * 1000));
  readSync(data, bytes, 0, 8, 0);
  sleep(us);
  bytes.writeBigUInt64LE(bytes.readBigUInt64LE() + 1n);
  writeSync(data, bytes, 0, 8, 0);
}

async function operation(file: string, us: number): Promise<void> {
  const askedAt = performance.now();
  await way(file, () => section(askedAt, us));
}

/** Processes of a fleet live long: what is compared is compiled code, on a lock of the process's own first. */
async function warmUp(): Promise<void> {
  const file = `${path}.${process.pid}`;
  writeFileSync(file, Buffer.alloc(8));
  const shared = data;
  data = openSync(file, "r+");
  for (let at = 0; at < 300; at += 1) await operation(file, 0);
  data = shared;
  waitsUs.length = 0;
}

await warmUp();

await answerLines(async () => {
  const before = process.cpuUsage();
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    await operation(path, Number(sectionUs));
    sleep(Number(thinkUs));
  }
  const { user, system } = process.cpuUsage(before);
  return { waitsUs, cpuUs: user + system };
});
