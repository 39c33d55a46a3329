/**
 * BullMQ as its documentation has it: its Worker calls a function for each job, and asks for the next one in the command that completes one.
 * A call of that function is a claim here, and its return the completion.
 */
import { loadPeer } from "../measure/peers.ts";
import { Handover } from "./handover.ts";
import { bullOptions, bullQueue } from "./queue-bullmq.ts";
import type { QueueWay } from "./queue-ways.ts";

interface BullMq {
  readonly Worker: new (name: string, work: (job: Job) => Promise<void>, options: object) => BullWorker;
}

interface BullWorker {
  on(event: "completed", listener: (job: Job) => void): unknown;
  on(event: "failed", listener: (job: Job | undefined, error: Error) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  close(force: boolean): Promise<void>;
}

interface Job {
  readonly id: string;
}

/** Of each process: as many jobs as it has callers. */
export const concurrency = 64;

/** What a caller enqueued last may be in the hands of another process whose callers are done: nobody waits for it longer. */
const patienceMs = 1_000;

export function bullmqWorker(path: string, socket: string): QueueWay {
  const { Worker } = loadPeer("bullmq") as BullMq;
  const queue = bullQueue(path, socket);
  const claims = new Handover<() => Promise<void>>();
  const completions = new Map<string, PromiseWithResolvers<void>>();
  const work = ({ id }: Job): Promise<void> =>
    new Promise((done) => {
      claims.give(() => {
        const completion = Promise.withResolvers<void>();
        completions.set(id, completion);
        done();
        return completion.promise.finally(() => completions.delete(id));
      });
    });
  const worker = new Worker("jobs", work, { ...bullOptions(path, socket), concurrency });
  worker.on("completed", ({ id }) => completions.get(id)?.resolve());
  worker.on("failed", (job, error) => completions.get(job?.id ?? "")?.reject(error));
  worker.on("error", (error) => completions.forEach(({ reject }) => reject(error)));
  return {
    ...queue,
    claim: () => claims.take(patienceMs),
    async close() {
      await worker.close(true); // a job that no caller claimed would be waited for
      await queue.close();
    },
  };
}
