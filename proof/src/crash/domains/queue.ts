import { equal, ok } from "node:assert/strict";
import type { Store } from "@flockwork/core";
import type { Claim } from "../../../../packages/queue/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { clockOff } from "./later.ts";
import { queueNeighbourOperations } from "./queue-neighbours.ts";
import { first, operation, prepare, withQueue } from "./queue-operation.ts";

/** What the next one does who leaves claims alone: whether it would find their holder dead depends on when it looks. */
const enqueueNext = (directory: string): unknown =>
  withQueue(directory, (queue) => queue.enqueue({ id: "next" }, { id: "next" }));

/** Of a call that follows a claim: the claim is a commit of its own, and stays where the rest was cut short. */
function ofClaim(name: string, run: (claim: Claim, store: Store) => unknown): DomainOperation {
  return operation(name, async (queue, _, store) => run(await first(queue), store), {
    inSteps: true,
    leavesNothing: true,
    read: (directory) =>
      withQueue(directory, async (queue, store) => {
        const jobs = await Promise.all(["a", "b", "c", "d"].map((id) => queue.get(id)));
        ok(
          jobs.every((job) => job !== undefined),
          "a job is gone",
        );
        const paid = await store.log({ name: "ledger.jsonl" }).read();
        const completed = jobs.filter((job) => job?.state === "completed" && job.id !== "b");
        if (paid.length > 0 || name.endsWith("completeWith"))
          equal(paid.length, completed.length, "the ledger and the job disagree");
        return jobs.map(({ payload, priority }) => [payload, priority]);
      }),
    follow: enqueueNext,
  });
}

/** Every call that changes a queue. */
export const queueOperations: readonly DomainOperation[] = [
  operation("enqueue", (queue, round) => queue.enqueue({ round }, { id: `new ${round}` })),
  operation("enqueue the first", (queue, round) => queue.enqueue({ round }, { id: `new ${round}` }), {
    prepare: () => undefined,
  }),
  operation("enqueueMany", (queue, round) =>
    queue.enqueueMany([
      { payload: 1, id: `one ${round}` },
      { payload: 2, id: `two ${round}`, dependsOn: [`one ${round}`] },
    ]),
  ),
  operation("claim", (queue) => queue.claim({ limit: 2 }), {
    read: (directory) =>
      withQueue(directory, (queue) =>
        Promise.all(
          ["c", "d"].map(async (id) => (await queue.history(id)).some(({ type }) => type === "claimed")),
        ),
      ),
    follow: enqueueNext,
  }),
  ofClaim("claim, complete", (claim) => claim.complete("result")),
  ofClaim("claim, completeWith", (claim, store) =>
    claim.completeWith({ ledger: store.log<unknown>({ name: "ledger.jsonl" }) }, ({ ledger }) => {
      ledger.append({ paid: claim.jobId });
    }),
  ),
  ofClaim("claim, fail", (claim) => claim.fail("no", { delayMs: 60_000 })),
  ofClaim("claim, release", (claim) => claim.release()),
  ofClaim("claim, extend", (claim) => claim.extend()),
  ofClaim("claim, progress", (claim) => claim.progress({ percent: 50 })),
  ofClaim("claim, log", (claim) => claim.log("half of it")),
  operation("redrive", (queue) => queue.redrive(["a"])),
  operation("cancel", (queue) => queue.cancel("c")),
  operation("pause", (queue) => queue.pause()),
  operation("pause of a group", (queue) => queue.pause({ group: "g" })),
  operation("resume", (queue) => queue.resume(), {
    prepare: async (directory) => {
      await prepare(directory);
      await withQueue(directory, (queue) => queue.pause());
    },
  }),
  // It is marked, and then waited for.
  operation("drain", (queue) => queue.drain(), { prepare: () => undefined, inSteps: true }),
  operation("setLimits", (queue, round) => queue.setLimits({ concurrency: round })),
  operation("schedule", (queue, round) =>
    queue.schedule({ name: `hourly ${round}`, cron: "0 * * * *", payload: null }),
  ),
  operation("unschedule", (queue) => queue.unschedule("nightly")),
  operation("tick", (queue) => queue.tick(), {
    prepare: (directory) =>
      withQueue(
        directory,
        (queue) => queue.schedule({ name: "by the minute", cron: "* * * * *", payload: null }),
        clockOff(-3_600_000),
      ),
  }),
  operation("compact", (queue) => queue.compact()),
  ...queueNeighbourOperations,
];
