/** Program: the neighbours' part, played by Flockwork. hold|try ex|sh DATA; count DATA COUNTER TIMES; alone DATA TIMES. */
import { readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { acquireLock, tryAcquireLock, withWriteLock, type LayoutName } from "../harness/core.ts";
import { enterAlone } from "../harness/witness.ts";

const [verb, ...rest] = process.argv.slice(2);
const layout = (process.env["PROOF_LAYOUT"] ?? "sidecar") as LayoutName;
const waiting = { timeoutMs: Infinity, layout };

if (verb === "count") {
  const [data = "", counter = "", times = "0"] = rest;
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(
      data,
      () => writeFileSync(counter, String(Number(readFileSync(counter, "utf8")) + 1)),
      waiting,
    );
  }
} else if (verb === "alone") {
  const [data = "", times = "0"] = rest;
  for (let done = 0; done < Number(times); done += 1) {
    await withWriteLock(data, () => enterAlone(`${data}.witness`)(), waiting);
  }
} else {
  const [mode = "", data = ""] = rest;
  const lockMode = mode === "ex" ? "exclusive" : "shared";
  if (verb === "try") {
    console.log((await tryAcquireLock(data, lockMode, { layout })) === undefined ? "busy" : "granted");
  } else {
    const lock = await acquireLock(data, lockMode, waiting);
    console.log("held");
    const input = createInterface({ input: process.stdin });
    await new Promise((resolve) => input.once("line", resolve).once("close", resolve));
    await lock.release();
    console.log("released");
    input.close();
  }
}
