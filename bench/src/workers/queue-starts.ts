/** An idle worker: tells when each job starts, by the clock that all processes share. Arguments: directory. */
import { fileStore, systemClock } from "@flockwork/core";
import { openQueue } from "@flockwork/queue";

const [directory = ""] = process.argv.slice(2);
const queue = openQueue<number>(fileStore(directory), { durability: "os" });
const worker = queue.worker(({ payload }) => {
  process.stdout.write(`${JSON.stringify({ payload, atMs: systemClock.monotonic() })}\n`);
});
process.stdout.write("ready\n");
for await (const _ of process.stdin) {
  // until it ends
}
await worker.stop();
await queue.close();
