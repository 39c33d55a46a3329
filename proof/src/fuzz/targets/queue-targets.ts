import { fileStore } from "@flockwork/core";
import {
  convertQueue,
  openMailQueues,
  openNudgeQueue,
  openQueue,
} from "../../../../packages/queue/src/index.ts";
import type { Call, Target } from "../target.ts";

const jobs = ["build", "ship", "later", "retried", "gone", "held", "done"];

/** What the queue reads. */
export const queueTargets: readonly Target[] = [
  {
    name: "queue",
    prepare: async (directory) => {
      const queue = openQueue<unknown, unknown>(fileStore(directory));
      await queue.enqueueMany([
        { id: "build", payload: { to: "ci" } },
        { id: "ship", payload: { to: "ci" }, dependsOn: ["build"] },
        { id: "later", payload: 1, delayMs: 60_000 },
      ]);
      await queue.setLimits({ perKey: 2, rate: { limit: 100, perMs: 60_000 } });
      await queue.schedule({
        name: "nightly",
        cron: "0 3 * * *",
        timeZone: "Europe/Berlin",
        payload: "clean up",
      });
      const [claim] = await queue.claim({ leaseMs: 60_000 });
      await claim?.fail(new Error("no"));
      await queue
        .enqueue("again", { id: "retried", backoff: { baseMs: 1, factor: 2 }, replaces: "later" } as never)
        .catch(() => undefined);
      await queue.enqueueMany(["gone", "held", "done"].map((id) => ({ id, payload: 1 })));
      await queue.cancel("gone", "not wanted");
      for (const ended of await queue.claim({ leaseMs: 60_000, limit: 3 })) await ended.complete("well");
      await queue.pause({ key: "k" } as never).catch(() => undefined);
      await queue.close();
    },
    calls: (directory): Call[] => {
      const store = fileStore(directory);
      const queue = openQueue<unknown, unknown>(store);
      return [
        ["stats", () => queue.stats()],
        ["get", () => queue.get("build")],
        ["explain", () => queue.explain("ship")],
        ["history", () => queue.history("build")],
        ["deadLetters", () => queue.deadLetters()],
        ["explain all", async () => Promise.all(jobs.map((id) => queue.explain(id)))],
        ["tick", () => queue.tick()],
        [
          "events",
          async () => {
            let seen = 0;
            for await (const _ of queue.events({ signal: AbortSignal.timeout(5) }))
              if ((seen += 1) > 50) break;
          },
        ],
        ["enqueue", () => queue.enqueue({ to: "new" })],
        [
          "claim",
          async () => Promise.all((await queue.claim({ leaseMs: 1_000 })).map((claim) => claim.complete())),
        ],
        ["compact", () => queue.compact()],
        ["close", () => queue.close()],
        ["convert", () => convertQueue(store, "plain")],
        ["convert back", () => convertQueue(store, "native")],
      ];
    },
  },
  {
    name: "plain queue",
    prepare: async (directory) => {
      const queue = openQueue<unknown>(fileStore(directory), { format: "plain" });
      for (const task of [{ id: 1 }, "text", [1, 2]]) await queue.enqueue(task);
    },
    calls: (directory): Call[] => {
      const queue = openQueue<unknown>(fileStore(directory), { format: "plain" });
      return [
        ["peek", () => queue.peek()],
        ["length", () => queue.length()],
        ["dequeue", () => queue.dequeue()],
        ["enqueue", () => queue.enqueue({ id: 2 })],
      ];
    },
  },
  {
    name: "nudges and mail",
    prepare: async (directory) => {
      const nudges = openNudgeQueue(fileStore(directory), "gt-nux");
      await nudges.send({ sender: "mayor", message: "wake up" } as never);
      await nudges.send({ sender: "mayor", message: "again" } as never);
      const mail = openMailQueues(fileStore(directory));
      const message = {
        id: "m1",
        from: "a",
        to: "b",
        subject: "s",
        body: "t",
        timestamp: "2026-01-01T00:00:00Z",
      };
      await mail.enqueue("outbound", message as never);
    },
    calls: (directory): Call[] => {
      const nudges = openNudgeQueue(fileStore(directory), "gt-nux");
      const mail = openMailQueues(fileStore(directory));
      return [
        ["pending", () => nudges.pending()],
        ["claim", () => nudges.claim()],
        ["send", () => nudges.send({ sender: "mayor", message: "more" } as never)],
        ["list", () => mail.list("outbound")],
        ["deliver", () => mail.deliver("outbound", async () => undefined)],
        ["dead letters", () => mail.list("dead-letter")],
      ];
    },
  },
];
