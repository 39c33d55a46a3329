/** Works at a queue until it is killed; tells of each completion once it was acknowledged. Argument: directory. */
import { flushCompileCache } from "node:module";
import { fileStore } from "../harness/core.ts";
import { openQueue } from "./package.ts";

const [directory = ""] = process.argv.slice(2);
const queue = openQueue<number, number>(fileStore(directory), {
  directory: "queue",
  durability: "os",
  leaseMs: 5_000,
});
queue.worker(
  async ({ id }, { claim }) => {
    await claim.complete(1);
    console.log(`done ${id} ${claim.token}`);
    return 1;
  },
  { concurrency: 8, pollMs: 500, onError: (error) => console.log(`error ${String(error)}`) },
);
flushCompileCache(); // it will be killed: the next ones start three times as fast
console.log("ready");
