import { equal, ok } from "node:assert/strict";
import { fileStore, type Store } from "@flockwork/core";
import {
  convertQueue,
  openMailQueues,
  openNudgeQueue,
  openQueue,
  type Claim,
  type Queue,
} from "../../../../packages/queue/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";

const options = { holder: "prover", retention: { completed: 1 }, leaseMs: 3_600_000 } as const;

/** Jobs that wait, one that was given up, one that is over, and a schedule. */
async function prepare(directory: string): Promise<void> {
  await withQueue(directory, async (queue) => {
    for (const id of ["a", "b", "c", "d"]) await queue.enqueue({ id }, { id });
    await (await first(queue)).fail("no", { unrecoverable: true });
    await (await first(queue)).complete("done");
    await queue.schedule({ name: "nightly", cron: "0 0 * * *", payload: null });
  });
}

async function withQueue<R>(
  directory: string,
  work: (queue: Queue, store: Store) => R | Promise<R>,
): Promise<R> {
  const store = fileStore(directory);
  const queue = openQueue(store, options);
  try {
    return await work(queue, store);
  } finally {
    await queue.close();
    await store.close();
  }
}

async function first(queue: Queue): Promise<Claim> {
  const [claim] = await queue.claim();
  if (claim === undefined) throw new Error("broken: nothing can be claimed");
  return claim;
}

function operation(
  name: string,
  run: (queue: Queue, round: number, store: Store) => unknown,
  more: Partial<DomainOperation> = {},
): DomainOperation {
  return {
    name: `queue: ${name}`,
    prepare,
    run: (directory, round) => withQueue(directory, (queue, store) => run(queue, round, store)),
    ...more,
  };
}

/** Of a call that follows a claim: the claim is a commit of its own, and stays where the rest was cut short. */
function ofClaim(name: string, run: (claim: Claim, store: Store) => unknown): DomainOperation {
  return operation(name, async (queue, _, store) => run(await first(queue), store), {
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
        return "every job is there";
      }),
    follow: (directory) => withQueue(directory, (queue) => queue.enqueue({ id: "next" }, { id: "next" })),
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
  operation("claim", (queue) => queue.claim({ limit: 2 })),
  ofClaim("claim, complete", (claim) => claim.complete("result")),
  ofClaim("claim, completeWith", (claim, store) =>
    claim.completeWith({ ledger: store.log<unknown>({ name: "ledger.jsonl" }) }, ({ ledger }) => {
      ledger.append({ paid: claim.jobId });
    }),
  ),
  ofClaim("claim, fail", (claim) => claim.fail(new Error("no"), { delayMs: 60_000 })),
  ofClaim("claim, release", (claim) => claim.release()),
  ofClaim("claim, extend", (claim) => claim.extend()),
  ofClaim("claim, progress", (claim) => claim.progress({ percent: 50 })),
  operation("redrive", (queue) => queue.redrive(["a"])),
  operation("cancel", (queue) => queue.cancel("c")),
  operation("pause", (queue) => queue.pause()),
  operation("resume", (queue) => queue.resume()),
  operation("setLimits", (queue, round) => queue.setLimits({ concurrency: round })),
  operation("schedule", (queue, round) =>
    queue.schedule({ name: `hourly ${round}`, cron: "0 * * * *", payload: null }),
  ),
  operation("unschedule", (queue) => queue.unschedule("nightly")),
  operation("tick", (queue) => queue.tick()),
  operation("compact", (queue) => queue.compact()),
  operation("convertQueue to plain", (_, __, store) => convertQueue(store, "plain", options), {
    follow: async (directory) => {
      const store = fileStore(directory);
      await convertQueue(store, "native", options);
      await store.close();
    },
  }),
  operation("plain: enqueue", (_, round, store) => plain(store).enqueue({ round }), {
    prepare: preparePlain,
  }),
  operation("plain: dequeue", (_, __, store) => plain(store).dequeue(), { prepare: preparePlain }),
  operation(
    "nudges: send",
    (_, round, store) => nudges(store).send({ sender: "ada", message: `n ${round}` }),
    {
      prepare: prepareNudges,
      durability: "os",
    },
  ),
  operation("mail: enqueue", (_, round, store) => openMailQueues(store).enqueue("outbound", mail(round)), {
    prepare: () => undefined,
  }),
];

function plain(store: Store) {
  return openQueue<unknown>(store, { format: "plain" });
}

async function preparePlain(directory: string): Promise<void> {
  const store = fileStore(directory);
  for (const task of ["one", "two", "three"]) await plain(store).enqueue({ task });
  await store.close();
}

function nudges(store: Store) {
  return openNudgeQueue(store, "gt-mayor");
}

async function prepareNudges(directory: string): Promise<void> {
  const store = fileStore(directory);
  await nudges(store).send({ sender: "bob", message: "hello" });
  await store.close();
}

function mail(round: number) {
  const [subject, body] = ["subject", "body"];
  return { id: `m${round}`, from: "ada", to: "bob", subject, body, timestamp: "2026-01-02T03:04:05Z" };
}
