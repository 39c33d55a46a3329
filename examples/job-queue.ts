// A queue with crash recovery: three workers share sixty jobs, one is killed while it has one, and each is done once.
//   ./dev node --conditions=@flockwork/source examples/job-queue.ts [--race]
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileStore } from "@flockwork/core";
import { openQueue, type Queue } from "@flockwork/queue";
import { original } from "./job-queue.original.ts";
import { sideBySide } from "./side-by-side/side-by-side.ts";

const names = Array.from({ length: 60 }, (_, at) => `job-${at}`);

await sideBySide({
  file: import.meta.filename,
  async prepare(directory) {
    writeFileSync(
      join(directory, "tasks.jsonl"),
      names.map((name) => `${JSON.stringify({ name })}\n`).join(""),
    );
    const queue = queueIn(directory);
    await queue.enqueueMany(names.map((name) => ({ payload: { name } })));
    await queue.close();
  },
  original,
  async flockwork(directory, { id, tell, die }) {
    const queue = queueIn(directory);
    let done = 0;
    const worker = queue.worker(async ({ payload }) => {
      if (id === 0 && done === 3) await die(); // its job is claimed again by another worker, at once
      done += 1;
      tell(payload.name);
    });
    await queue.drain();
    await worker.stop();
    await queue.close();
  },
  faults(_, told) {
    const times = names.map((name) => told.filter((done) => done === name).length);
    return names.flatMap((name, at) => {
      if (times[at] === 1) return [];
      return times[at] === 0 ? [`${name} was never done`] : [`${name} was done ${times[at]} times`];
    });
  },
});

function queueIn(directory: string): Queue<{ name: string }, void> {
  return openQueue<{ name: string }, void>(fileStore(directory));
}
