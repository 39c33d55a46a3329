/** Calls that end a job together with something else, and Gas Town's mail. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { fileStore } from "../harness/core.ts";
import { openQueue, type Queue } from "../queue/package.ts";
import { finishCommit, type Holdings, type PowerOperation, type Subject } from "./power-operation.ts";

const mailIn = async (directory: string) =>
  (await import("../../../packages/queue/src/index.ts")).openMailQueues(fileStore(directory), {
    deadLetterThreshold: 1,
  });

interface Mail {
  readonly outbound: readonly string[];
  readonly dead: readonly string[];
}

const mailOf = (held: unknown): Mail => held as Mail;
const jobs = (held: Holdings) =>
  held["queue"] as { readonly live: number[]; readonly completed: number[]; readonly dead: number[] };

const ledger = "ledger.jsonl";

export const messageSubjects: Readonly<Record<string, Subject>> = {
  mail: {
    empty: { outbound: [], dead: [] },
    observe: async (directory) => {
      for (const name of ["outbound", "dead-letter"])
        await finishCommit(directory, `daemon/mail-queues/${name}.json`, "gastown");
      const mail = await mailIn(directory);
      const ids = async (name: "outbound" | "dead-letter") =>
        (await mail.list(name)).map(({ message }) => message.id);
      return { outbound: await ids("outbound"), dead: await ids("dead-letter") };
    },
  },
  [ledger]: {
    empty: [],
    log: ledger,
    observe: async (directory) => {
      await finishCommit(directory, ledger, "sidecar");
      if (!existsSync(join(directory, ledger))) return [];
      return (await fileStore(directory).log<{ paid: number }>({ name: ledger }).read()).map(
        ({ paid }) => paid,
      );
    },
  },
};

/** One message after the other is delivered, each in a commit of its own. */
const isDeliveredInPart: PowerOperation["isPart"] = (found, before, after) => {
  const { outbound, dead } = mailOf(before);
  const done = outbound.length - mailOf(found).outbound.length;
  const died = mailOf(after).dead.slice(dead.length).slice(0, Math.max(0, done));
  return done >= 0 && isDeepStrictEqual(found, { outbound: outbound.slice(done), dead: [...dead, ...died] });
};

async function withQueue(
  directory: string,
  work: (queue: Queue<number>, store: ReturnType<typeof fileStore>) => Promise<unknown>,
): Promise<void> {
  const store = fileStore(directory);
  const queue = openQueue<number>(store);
  try {
    await work(queue, store);
  } finally {
    await queue.close();
    await store.close();
  }
}

export const messageOperations: readonly PowerOperation[] = [
  {
    name: "queue claim, completeWith",
    subjects: ["queue", ledger],
    apply: (held) => {
      const [first, ...live] = jobs(held).live;
      if (first === undefined) return held;
      const queue = { ...jobs(held), live, completed: [...jobs(held).completed, first] };
      return { ...held, queue, [ledger]: [...(held[ledger] as number[]), first] };
    },
    run: (directory) =>
      withQueue(directory, async (queue, store) => {
        const [claim] = await queue.claim();
        await claim?.completeWith({ log: store.log<{ paid: number }>({ name: ledger }) }, ({ log }) => {
          log.append({ paid: claim.job.payload });
        });
      }),
  },
  {
    name: "queue claim, fail",
    subjects: ["queue"],
    apply: (held) => {
      const [first, ...live] = jobs(held).live;
      if (first === undefined) return held;
      return { ...held, queue: { ...jobs(held), live, dead: [...jobs(held).dead, first] } };
    },
    run: (directory) =>
      withQueue(directory, async (queue) => {
        const [claim] = await queue.claim();
        await claim?.fail("no", { unrecoverable: true });
      }),
  },
  {
    name: "mail enqueue",
    subjects: ["mail"],
    apply: (held, round) => {
      const mail = mailOf(held["mail"]);
      return { ...held, mail: { ...mail, outbound: [...mail.outbound, `m${round}`] } };
    },
    run: async (directory, round) => {
      const [subject, body, timestamp] = ["subject", "body", "2026-01-02T03:04:05Z"];
      const message = { id: `m${round}`, from: "ada", to: "bob", subject, body, timestamp };
      await (await mailIn(directory)).enqueue("outbound", message);
    },
  },
  {
    name: "mail deliver",
    subjects: ["mail"],
    apply: (held) => ({ ...held, mail: { ...mailOf(held["mail"]), outbound: [] } }),
    run: async (directory) => (await mailIn(directory)).deliver("outbound", () => undefined),
    isPart: isDeliveredInPart,
  },
  {
    name: "mail deliver to the dead letters",
    subjects: ["mail"],
    apply: (held) => {
      const { outbound, dead } = mailOf(held["mail"]);
      return { ...held, mail: { outbound: [], dead: [...dead, ...outbound] } };
    },
    run: async (directory) =>
      (await mailIn(directory)).deliver("outbound", () => {
        throw new Error("nobody there");
      }),
    isPart: isDeliveredInPart,
  },
];
