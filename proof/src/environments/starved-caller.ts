/**
 * Program: uses up its descriptors, makes one public call, gives them back, makes it again. Arguments: the call's name, the
 * file, another file for a first call: what is loaded when it is needed must be loaded by then.
 */
import { closeSync, openSync } from "node:fs";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import { callNamed, endingOf } from "./call-ending.ts";

const [name = "", path = "", other = ""] = process.argv.slice(2);
const call = callNamed(name);
await call.run(other);
closeIdleLocks();
closeAppendFiles();

const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "EMFILE") throw error;
}
const starved = await endingOf(call, path);
for (const fd of taken) closeSync(fd);
const later = await endingOf(call, path);
console.log(JSON.stringify({ starved, later }));
