/** BullMQ by its own calls for those who take jobs by hand: a command claims, another one completes. */
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

/** Where both ways keep their jobs. */
export const bullOptions = (path: string, socket: string): object => ({
  connection: { path: socket },
  prefix: path,
});

/** What both ways of taking jobs have in common: how durable it is, its server says. All callers share a connection, on which their commands follow one another. */
export function bullQueue(path: string, socket: string): Omit<QueueWay, "claim"> {
  const { Queue } = loadPeer("bullmq") as BullMq;
  const queue = new Queue("jobs", bullOptions(path, socket));
  return {
    enqueue: (data, delay = 0) => queue.add("job", data, { delay }),
    async enqueueMany(count, delay) {
      const jobs = Array.from({ length: count }, (_, data) => ({ name: "job", data, opts: { delay } }));
      await queue.addBulk(jobs);
    },
    completed: () => queue.getCompletedCount(),
    close: () => queue.close(),
  };
}

export function bullmq(path: string, socket: string): QueueWay {
  const { Worker } = loadPeer("bullmq") as BullMq;
  const queue = bullQueue(path, socket);
  const worker = new Worker("jobs", undefined, { ...bullOptions(path, socket), autorun: false });
  const token = String(process.pid);
  return {
    ...queue,
    async claim() {
      const job = await worker.getNextJob(token, { block: false });
      return job && (() => job.moveToCompleted(null, token, false));
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };
}
