/**
 * Program: performs one operation between two marks, for a tracer that counts its system calls or cuts it short.
 * Arguments: operation, directory, a directory to warm up in, rounds to do before the marks.
 */
import { accessSync, readlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crashOperation } from "./operations.ts";
import { beginMark, endMark } from "./marks.ts";

const [name = "", directory = "", warmDirectory = "", before = "0"] = process.argv.slice(2);
const operation = crashOperation(name);

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

await operation.run(warmDirectory, 1);
for (let round = 1; round <= Number(before); round += 1) await operation.run(directory, round);
writeSync(1, "ready\n");
awaitGo();
mark(beginMark);
let outcome = "done";
try {
  await operation.run(directory, Number(before) + 1);
} catch (error) {
  const { code, name: kind } = error as { code?: unknown; name?: unknown };
  outcome = JSON.stringify({ code, kind, message: String(error) });
}
mark(endMark);
writeSync(1, `acknowledged ${outcome}\n`);
setInterval(() => undefined, 1 << 30); // until killed
