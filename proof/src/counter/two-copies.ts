/** Program: two copies of core in one process exclude each other. Arguments: entry of the one, entry of the other, file, times. */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type * as core from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";

type Core = typeof core;

const [one = "", other = "", path = "", times = "0"] = process.argv.slice(2);
const copies = await Promise.all(
  [one, other].map(async (entry) => (await import(pathToFileURL(entry).href)) as Core),
);
const [first, second] = copies;
if (first === undefined || second === undefined || first.withWriteLock === second.withWriteLock)
  throw new Error("this is one copy, not two");

const held = await first.acquireLock(path, "exclusive");
if ((await second.tryAcquireLock(path, "exclusive")) !== undefined)
  throw new Error("the second copy got a lock that the first one holds");
await held.release();

async function addOne(): Promise<void> {
  const leave = enterAlone(`${path}.witness`);
  const count = Number(readFileSync(path, "utf8"));
  await new Promise((resume) => setImmediate(resume));
  writeFileSync(path, String(count + 1));
  leave();
}

await Promise.all(
  copies.map(async (copy) => {
    for (let done = 0; done < Number(times); done += 1) await copy.withWriteLock(path, addOne);
  }),
);
