/**
 * Jobs through a queue: enqueue, claim, complete, each its own call. Arguments: path, way, durability, callers at once.
 * Lines: `for <seconds>` as many jobs as possible, answered with how many, how many in time, and their processor time; `jobs <count>` so many; `delayed <count>` enqueues jobs for tomorrow;
 * `waiting <count>` enqueues jobs that nobody takes before what the callers add; `completed` counts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { answerLines, costOf } from "./line-server.ts";
import { openWay, type QueueWay } from "./queue-ways.ts";

const [path = "", name = "", durability = "os", callers = "1"] = process.argv.slice(2);
const tomorrowMs = 24 * 3_600_000;

async function oneJob(queue: QueueWay, payload: number): Promise<number> {
  await queue.enqueue({ payload });
  const complete = await queue.claim();
  await complete?.();
  return complete === undefined ? 0 : 1;
}

/** Completed, and in the time: callers who waited for the lock when it was over get it later. */
interface Done {
  readonly jobs: number;
  readonly inTime: number;
}

async function work(queue: QueueWay, goesOn: (jobs: number) => boolean, endAt = Infinity): Promise<Done> {
  let begun = 0;
  let [jobs, inTime] = [0, 0];
  const caller = async (): Promise<void> => {
    while (goesOn(begun)) {
      begun += 1;
      const done = await oneJob(queue, begun);
      jobs += done; // not `+= await`: that would read the sum before the others add to it
      if (performance.now() < endAt) inTime += done;
    }
  };
  await Promise.all(Array.from({ length: Number(callers) }, caller));
  return { jobs, inTime };
}

/** On a queue of its own: the code is to be compiled before it is measured. */
async function warmUp(): Promise<void> {
  const directory = mkdtempSync(join(dirname(path), "warm-"));
  const queue = openWay(name, join(directory, "queue"), "os");
  const untilMs = performance.now() + Number(process.env["FLOCKWORK_BENCH_WARM_MS"] ?? 3_000);
  await work(queue, (jobs) => jobs < 20_000 && performance.now() < untilMs);
  await queue.close();
  rmSync(directory, { recursive: true });
}

await warmUp();
const queue = openWay(name, path, durability);
await queue.completed();

await answerLines(async (order) => {
  const [what = "", amount = "0"] = order.split(" ");
  switch (what) {
    case "for": {
      const endAt = performance.now() + Number(amount) * 1_000;
      let done: Done = { jobs: 0, inTime: 0 };
      const { cpuUs } = await costOf(1, async () => {
        done = await work(queue, () => performance.now() < endAt, endAt);
      });
      return { ...done, cpuUs };
    }
    case "jobs":
      return await costOf(Number(amount), () => work(queue, (jobs) => jobs < Number(amount)));
    case "delayed":
      await queue.enqueueMany(Number(amount), tomorrowMs);
      return {};
    case "waiting":
      await queue.enqueueMany(Number(amount), 0);
      return {};
    default:
      return { completed: await queue.completed() };
  }
});
await queue.close();
