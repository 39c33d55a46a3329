/** Program: locks through `import` and through `require` of the package. Arguments: file, what to require if not the package. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setImmediate } from "node:timers/promises";
import * as imported from "@flockwork/core";

const [path = "", other = "@flockwork/core"] = process.argv.slice(2);
const required = createRequire(import.meta.url)(other) as typeof imported;
const copies = new Set([imported.acquireLock, required.acquireLock]).size;
const times = 100;

async function keepsOut(one: typeof imported, another: typeof imported): Promise<boolean> {
  const lock = await one.acquireLock(path, "exclusive");
  const second = await another.tryAcquireLock(path, "exclusive");
  await second?.release();
  await lock.release();
  return second === undefined;
}

/** Adds to the number in the file, and lets the other one run between reading and writing. */
async function add(one: typeof imported): Promise<void> {
  for (let done = 0; done < times; done += 1) {
    await one.withWriteLock(
      path,
      async () => {
        const value = Number(readFileSync(path, "utf8"));
        await setImmediate();
        writeFileSync(path, String(value + 1));
      },
      { timeoutMs: Infinity },
    );
  }
}

const both = (await keepsOut(imported, required)) && (await keepsOut(required, imported));
console.log(`${copies} ${both ? "excluded both ways" : "not excluded"}`);
writeFileSync(path, "0");
await Promise.all([add(imported), add(required)]);
console.log(`${2 * times - Number(readFileSync(path, "utf8"))} lost`);
