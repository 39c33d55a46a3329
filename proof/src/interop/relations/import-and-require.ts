/** Program: locks through `import` and through `require` of the package. Argument: file. */
import { createRequire } from "node:module";
import * as imported from "@flockwork/core";

const required = createRequire(import.meta.url)("@flockwork/core") as typeof imported;
const path = process.argv[2] ?? "";

async function keepsOut(one: typeof imported, other: typeof imported): Promise<boolean> {
  const lock = await one.acquireLock(path, "exclusive");
  const second = await other.tryAcquireLock(path, "exclusive");
  await second?.release();
  await lock.release();
  return second === undefined;
}

const both = (await keepsOut(imported, required)) && (await keepsOut(required, imported));
console.log(both ? "excluded both ways" : "not excluded");
