import { fileStore, type Store } from "@flockwork/core";
import {
  convertQueue,
  openMailQueues,
  openNudgeQueue,
  openQueue,
} from "../../../../packages/queue/src/index.ts";
import type { DomainOperation } from "./domain-operation.ts";
import { operation, options, prepare, withQueue } from "./queue-operation.ts";

/** Every call that changes the plain format, nudges or mail, or a queue into another. */
export const queueNeighbourOperations: readonly DomainOperation[] = [
  operation("convertQueue to plain", (_, __, store) => convertQueue(store, "plain", options), {
    follow: async (directory) => {
      await withStore(directory, (store) => convertQueue(store, "native", options));
      // What was staged is swept by who writes that file next: the conversion need not write those of a queue that is native.
      await withQueue(directory, async (queue) => {
        await queue.enqueue({ id: "next" }, { id: "next" });
        await queue.pause();
      });
    },
    inSteps: true,
  }),
  operation("convertQueue to native", (_, __, store) => convertQueue(store, "native", options), {
    prepare: async (directory) => {
      await prepare(directory);
      await withStore(directory, async (store) => {
        await convertQueue(store, "plain", options);
        await plain(store).enqueue({ task: "added while it was plain" });
      });
    },
    follow: (directory) => withStore(directory, (store) => convertQueue(store, "plain", options)),
    inSteps: true,
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
      // Each has a name of its own: what was staged for one that is never sent stays for `sweepStagedFiles`.
      read: (directory) =>
        withStore(directory, async (store) =>
          (await nudges(store).claim()).map(({ nudge }) => nudge.message),
        ),
      durability: "os",
    },
  ),
  ...["done", "putBack"].map((ending) =>
    operation(
      `nudges: claim, ${ending}`,
      async (_, __, store) => {
        for (const claimed of await nudges(store).claim())
          await (ending === "done" ? claimed.done() : claimed.putBack());
      },
      {
        prepare: prepareNudges,
        inSteps: true,
        undoes: ending === "putBack",
        follow: () => undefined,
        // What was claimed by somebody who is gone comes back after five minutes.
        read: (directory) =>
          withStore(directory, async (store) => {
            const later = openNudgeQueue(store, "gt-mayor", { now: () => Date.now() + 6 * 60_000 });
            return (await later.claim()).map(({ nudge }) => nudge.message);
          }),
        durability: "os",
      },
    ),
  ),
  operation("mail: deliver", (_, __, store) => openMailQueues(store).deliver("outbound", () => undefined), {
    prepare: prepareMail,
    inSteps: true,
  }),
  operation("mail: deliver to the dead letters", (_, __, store) => giveUp(store), {
    prepare: prepareMail,
    inSteps: true,
    // Only one more message that cannot be delivered comes by the dead letters again.
    follow: (directory) =>
      withStore(directory, async (store) => {
        await openMailQueues(store).enqueue("outbound", mail(3));
        await giveUp(store);
      }),
  }),
  operation("mail: enqueue", (_, round, store) => openMailQueues(store).enqueue("outbound", mail(round)), {
    prepare: () => undefined,
  }),
];

async function withStore<R>(directory: string, work: (store: Store) => R | Promise<R>): Promise<R> {
  const store = fileStore(directory);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function prepareMail(directory: string): Promise<void> {
  await withStore(directory, async (store) => {
    for (const number of [1, 2]) await openMailQueues(store).enqueue("outbound", mail(number));
  });
}

function giveUp(store: Store): Promise<unknown> {
  return openMailQueues(store, { deadLetterThreshold: 1 }).deliver("outbound", () => {
    throw new Error("nobody there");
  });
}

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
