/**
 * Program: does one thing with a timer or a session between two marks, for a tracer that counts its system calls or kills it at
 * one of them. Arguments: what, directory, a directory to warm up in.
 */
import { accessSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { beginMark, endMark } from "../crash/marks.ts";
import { acts } from "./project.ts";

const [what = "", directory = "", warmDirectory = ""] = process.argv.slice(2);
const act = acts[what];
if (act === undefined) throw new RangeError(`nothing is called ${what}`);

function mark(text: string): void {
  try {
    readlinkSync(text);
  } catch {
    // it is not there; asking was the point
  }
}

/** Waits without any of the calls that are traced, so that their counts stay the same from run to run. */
function awaitGo(): void {
  for (;;) {
    try {
      return accessSync(join(directory, "..", "go"));
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

await (
  await act(warmDirectory)
)();
const run = await act(directory);
writeSync(1, "ready\n");
awaitGo();
mark(beginMark);
await run();
mark(endMark);
writeSync(1, "acknowledged done\n");
setInterval(() => undefined, 1 << 30); // until killed
