/** BullMQ by its own calls for those who take jobs by hand: without its worker, which waits in Redis for the next. */
import { loadPeer } from "../measure/peers.ts";
import type { QueueWay } from "./queue-ways.ts";

interface BullMq {
  readonly Queue: new (name: string, options: object) => BullQueue;
  readonly Worker: new (name: string, processor: undefined, options: object) => BullWorker;
}

interface BullQueue {
  add(name: string, data: unknown, options: { delay: number }): Promise<unknown>;
  addBulk(jobs: readonly { name: string; data: unknown; opts: { delay: number } }[]): Promise<unknown>;
  getCompletedCount(): Promise<number>;
  close(): Promise<void>;
}

interface BullWorker {
  getNextJob(token: string, options: { block: boolean }): Promise<BullJob | undefined>;
  close(): Promise<void>;
}

interface BullJob {
  moveToCompleted(result: unknown, token: string, fetchNext: boolean): Promise<unknown>;
}

/** How durable it is, its server says. All callers share its two connections, on which their commands follow one another. */
export function bullmq(path: string, socket: string): QueueWay {
  const { Queue, Worker } = loadPeer("bullmq") as BullMq;
  const options = { connection: { path: socket }, prefix: path };
  const queue = new Queue("jobs", options);
  const worker = new Worker("jobs", undefined, { ...options, autorun: false });
  const token = String(process.pid);
  return {
    enqueue: (data, delay = 0) => queue.add("job", data, { delay }),
    async enqueueMany(count, delay) {
      const jobs = Array.from({ length: count }, (_, data) => ({ name: "job", data, opts: { delay } }));
      await queue.addBulk(jobs);
    },
    async claim() {
      const job = await worker.getNextJob(token, { block: false });
      return job && (() => job.moveToCompleted(null, token, false));
    },
    completed: () => queue.getCompletedCount(),
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
