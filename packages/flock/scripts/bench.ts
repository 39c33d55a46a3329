// What the bindings cost on this machine: medians of interleaved rounds, and the best round, which tells more where the
// machine is busy. The same calls in C are the floor.
//   node scripts/bench.ts
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { type BindingName, loadBinding } from "../src/index.ts";
import { compile } from "./compile-addon.ts";

const rounds = 7;
const repetitions = 50_000;
const directory = mkdtempSync(join(tmpdir(), "flockwork-bench-"));
const lock = join(directory, "data.json.lock");
const data = join(directory, "data.json");
const floor = join(directory, "uncontended");
writeFileSync(data, "{}");
writeFileSync(lock, "");
compile("cc", ["-O2", fileURLToPath(new URL("bench/uncontended.c", import.meta.url)), "-o", floor]);

function inC(): number {
  return Number(spawnSync(floor, [lock, data, String(repetitions)], { encoding: "utf8" }).stdout);
}

function inNode(binding: BindingName, repeat: number, check: boolean): number {
  const flock = loadBinding({ binding });
  const fd = openSync(lock, "r+");
  const start = performance.now();
  for (let count = 0; count < repeat; count += 1) {
    if (!flock.tryLock(fd, "exclusive")) throw new Error("the lock is taken");
    if (check && flock.checkGrant(fd, lock, data) !== 0) throw new Error("the grant is unsound");
    flock.unlock(fd);
  }
  const elapsed = performance.now() - start;
  closeSync(fd);
  return (elapsed * 1000) / repeat;
}

function prepared(binding: BindingName, repeat: number): number {
  const flock = loadBinding({ binding });
  const fd = openSync(lock, "r+");
  const ready = flock.prepare(fd, lock, data);
  const start = performance.now();
  for (let count = 0; count < repeat; count += 1) {
    if (ready.attempt("exclusive") !== 0) throw new Error("the lock is taken, or unsound");
    flock.unlock(fd);
  }
  const elapsed = performance.now() - start;
  closeSync(fd);
  return (elapsed * 1000) / repeat;
}

function preparing(binding: BindingName, repeat: number): number {
  const flock = loadBinding({ binding });
  const fd = openSync(lock, "r+");
  const start = performance.now();
  for (let count = 0; count < repeat; count += 1) flock.prepare(fd, lock, data);
  const elapsed = performance.now() - start;
  closeSync(fd);
  return (elapsed * 1000) / repeat;
}

/** From cancel() to the settled promise, of a waiter asleep in the kernel. */
async function cancelLatencies(count: number): Promise<readonly number[]> {
  const flock = loadBinding({ binding: "addon" });
  const [holder, waiter] = [openSync(lock, "r+"), openSync(lock, "r+")];
  flock.tryLock(holder, "exclusive");
  const latencies: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const wait = flock.wait(waiter, "exclusive");
    for (let turn = 0; turn < 100; turn += 1) await setImmediate(); // time to fall asleep
    const start = performance.now();
    wait.cancel();
    if (await wait.granted) throw new Error("granted a held lock");
    latencies.push((performance.now() - start) * 1000);
  }
  closeSync(holder);
  closeSync(waiter);
  return latencies.toSorted((left, right) => left - right);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

const measurements: Record<string, () => number> = {
  "C: flock + fstat + stat + lstat + unlock": inC,
  "addon: tryLock + checkGrant + unlock": () => inNode("addon", repetitions, true),
  "addon: prepared attempt + unlock": () => prepared("addon", repetitions),
  "addon: prepare": () => preparing("addon", repetitions),
  "addon: tryLock + unlock": () => inNode("addon", repetitions, false),
  "koffi: tryLock + unlock": () => inNode("koffi", repetitions, false),
  "koffi: tryLock + checkGrant + unlock": () => inNode("koffi", repetitions, true),
  "koffi: prepared attempt + unlock": () => prepared("koffi", repetitions),
  "fs-ext: tryLock + unlock": () => inNode("fs-ext", repetitions, false),
  "flock-command: tryLock + unlock": () => inNode("flock-command", 50, false),
};
const results = new Map(Object.keys(measurements).map((name) => [name, [] as number[]]));
for (let round = 0; round <= rounds; round += 1) {
  for (const [name, measure] of Object.entries(measurements)) {
    const result = measure();
    if (round > 0) results.get(name)?.push(result); // round 0 warms up
  }
}
for (const [name, times] of results) {
  const sorted = times.toSorted((left, right) => left - right);
  const [median, best] = [0.5, 0].map((share) => percentile(sorted, share).toFixed(2).padStart(9));
  console.log(`${name.padEnd(42)} median ${median} us, best ${best} us`);
}
const latencies = await cancelLatencies(2_000);
const [median, p99, worst] = [0.5, 0.99, 1].map((share) => percentile(latencies, share).toFixed(0));
console.log(
  `addon: cancel until settled (2000 waits)    median ${median} us, p99 ${p99} us, worst ${worst} us`,
);
rmSync(directory, { recursive: true });
