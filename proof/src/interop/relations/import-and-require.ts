/** Program: locks through `import` and through `require` of the package. Arguments: file, what to require if not the package. */
import { createRequire } from "node:module";
import * as imported from "@flockwork/core";

const [path = "", other = "@flockwork/core"] = process.argv.slice(2);
const required = createRequire(import.meta.url)(other) as typeof imported;
const copies = new Set([imported.acquireLock, required.acquireLock]).size;

async function keepsOut(one: typeof imported, another: typeof imported): Promise<boolean> {
  const lock = await one.acquireLock(path, "exclusive");
  const second = await another.tryAcquireLock(path, "exclusive");
  await second?.release();
  await lock.release();
  return second === undefined;
}

const both = (await keepsOut(imported, required)) && (await keepsOut(required, imported));
console.log(`${copies} ${both ? "excluded both ways" : "not excluded"}`);
