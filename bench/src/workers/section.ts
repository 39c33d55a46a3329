/**
 * A process of a fleet, the twin of baselines/section.c. Arguments: data file, section in microseconds, think time in
 * microseconds, seconds to run, and the way to lock. One that shares the lock reads the counter twice and changes nothing.
 */
import { openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { answerLines } from "./line-server.ts";
import { isShared, openLockWay } from "./lock-ways.ts";

const [path = "", sectionUs, thinkUs, seconds, name = "ours"] = process.argv.slice(2);
const way = openLockWay(name);
const work = isShared(name) ? readTwice : countUp;
let data = openSync(path, "r+");
const bytes = Buffer.alloc(8);
const cell = new Int32Array(new SharedArrayBuffer(4));
const waitsUs: number[] = [];

/** Sleeps the thread as C's nanosleep does; a timer would add up to a millisecond of its own. */
function sleep(us: number): void {
  if (us > 0) Atomics.wait(cell, 0, 0, us / 1000);
}

function readCounter(): bigint {
  readSync(data, bytes, 0, 8, 0);
  return bytes.readBigUInt64LE();
}

function countUp(us: number): void {
  const counter = readCounter();
  sleep(us);
  bytes.writeBigUInt64LE(counter + 1n);
  writeSync(data, bytes, 0, 8, 0);
}

function readTwice(us: number): void {
  const counter = readCounter();
  sleep(us);
  if (readCounter() !== counter) throw new Error("somebody wrote while it was read");
}

async function operation(file: string, us: number): Promise<void> {
  const askedAt = performance.now();
  await way(file, () => {
    waitsUs.push(Math.round((performance.now() - askedAt) * 1000));
    work(us);
  });
}

const warmCalls = 2_000;
/** Of its processor time, not of the clock: a process of a large fleet would get less of that. */
const warmCpuUs = 250_000;

function cpuUsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/** Processes of a fleet live long: what is compared is compiled code, on a lock of the process's own first. */
async function warmUp(): Promise<void> {
  const file = `${path}.${process.pid}`;
  writeFileSync(file, Buffer.alloc(8));
  const shared = data;
  data = openSync(file, "r+");
  const before = process.cpuUsage();
  for (let at = 0; at < warmCalls && cpuUsSince(before) < warmCpuUs; at += 1) await operation(file, 0);
  data = shared;
}

await warmUp();

await answerLines(async () => {
  waitsUs.length = 0;
  let inTime = 0;
  const before = process.cpuUsage();
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    await operation(path, Number(sectionUs));
    if (performance.now() < endAt) inTime += 1;
    sleep(Number(thinkUs));
  }
  const counted = work === countUp ? waitsUs.length : 0;
  return { waitsUs, inTime, counted, cpuUs: cpuUsSince(before) };
});
