/**
 * Program: uses up its descriptors, makes one call, gives them back, makes it again. Arguments: the call's name, the
 * directory, another one for a first call: what is loaded when it is needed must be loaded by then.
 */
import { closeSync, openSync } from "node:fs";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import { callNamed, endingOf } from "./call-ending.ts";

const [name = "", directory = "", other = ""] = process.argv.slice(2);
const call = callNamed(name);
await call(other);
closeIdleLocks();
closeAppendFiles();

const taken: number[] = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== "EMFILE") throw error;
}
const starved = await endingOf(call, directory);
for (const fd of taken) closeSync(fd);
const later = await endingOf(call, directory);
console.log(JSON.stringify({ starved, later }));
