/**
 * A process of a fleet, the twin of baselines/section.c.
 * Arguments: data file, section in microseconds, think time in microseconds, seconds to run, and a strategy: `ours`; `addon`,
 * the least a Node process can do, which tries once and waits on the addon's thread, checks nothing and is fair to nobody; or the
 * milliseconds between proper-lockfile's retries (100 doubles from one to the next, as its users do).
 */
import { openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { withWriteLock } from "@flockwork/core";
import { loadBinding } from "@flockwork/flock";
import { answerLines } from "./line-server.ts";
import { properLockfile } from "./proper-lockfile.ts";

const [path = "", sectionUs, thinkUs, seconds, strategy = "ours"] = process.argv.slice(2);
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

const retries = { forever: true, minTimeout: Number(strategy), factor: strategy === "100" ? 2 : 1 } as const;

async function operation(file: string, us: number): Promise<void> {
  const askedAt = performance.now();
  if (strategy === "ours") return withWriteLock(file, () => section(askedAt, us));
  if (strategy === "addon") return onAddon(file, () => section(askedAt, us));
  const release = await properLockfile.lock(file, { realpath: false, retries });
  section(askedAt, us);
  await release();
}

const descriptors = new Map<string, number>();

async function onAddon(file: string, work: () => void): Promise<void> {
  const addon = loadBinding({ binding: "addon" });
  const lock = descriptors.get(file) ?? openSync(`${file}.lock`, "a+");
  descriptors.set(file, lock);
  if (!addon.tryLock(lock, "exclusive")) await addon.wait(lock, "exclusive").granted;
  work();
  addon.unlock(lock);
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
  const endAt = performance.now() + Number(seconds) * 1000;
  while (performance.now() < endAt) {
    await operation(path, Number(sectionUs));
    sleep(Number(thinkUs));
  }
  return { waitsUs };
});
