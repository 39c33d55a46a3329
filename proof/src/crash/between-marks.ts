/** An actor's side of being traced: it waits for the tracer, and says where what counts begins and ends. */
import { accessSync, readlinkSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { beginMark, endMark } from "./marks.ts";

/**
 * Says that it is ready, runs once `go` appears beside the directory, and acknowledges with what `run` answers. Never ends:
 * the process stays until it is killed.
 */
export async function betweenMarks(directory: string, run: () => Promise<string>): Promise<void> {
  await stat(directory); // the pool has its thread by the time the tracer comes
  flushCompileCache(); // it will be killed: the next ones start three times as fast
  writeSync(1, "ready\n");
  awaitFile(join(directory, "..", "go"));
  mark(beginMark);
  const outcome = await run();
  mark(endMark);
  writeSync(1, `acknowledged ${outcome}\n`);
  setInterval(() => undefined, 1 << 30);
}

function mark(text: string): void {
  try {
    readlinkSync(text);
  } catch {
    // it is not there; asking was the point
  }
}

/** Waits without any of the calls that are traced, so that their counts stay the same from run to run. */
function awaitFile(path: string): void {
  for (;;) {
    try {
      return accessSync(path);
    } catch {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
