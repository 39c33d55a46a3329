/** Queues of others, by their own calls and without their workers, which poll. */
import { loadPeer } from "../measure/peers.ts";
import type { Durability, QueueWay } from "./queue-ways.ts";
import { openSqlite, synchronousOf, type Sqlite } from "./sqlite-document.ts";

interface PlainJob {
  readonly better: (database: Sqlite) => object;
  readonly defineQueue: (options: object) => {
    add(type: string, data: unknown, options: { delay: number }): unknown;
    getAndMarkJobAsProcessing(type: string): { readonly id: number } | undefined;
    markJobAsDone(id: number): void;
    close(): void;
  };
}

/** No leases, no tokens. */
export function plainjob(path: string, durability: Durability): QueueWay {
  const { better, defineQueue } = loadPeer("plainjob") as PlainJob;
  const database = openSqlite(path, synchronousOf(durability), "better-sqlite3");
  const queue = defineQueue({ connection: better(database) });
  database.exec(`PRAGMA busy_timeout = 60000; PRAGMA synchronous = ${synchronousOf(durability)}`); // it sets its own
  const count = database.prepare("SELECT count(*) AS jobs FROM plainjob_jobs WHERE status = 2");
  return {
    enqueue: async (payload, delayMs = 0) => queue.add("job", payload, { delay: delayMs }),
    async enqueueMany(amount, delayMs) {
      for (let at = 0; at < amount; at += 1) queue.add("job", at, { delay: delayMs });
    },
    async claim() {
      const job = queue.getAndMarkJobAsProcessing("job");
      return job && (async () => queue.markJobAsDone(job.id));
    },
    completed: async () => Number(count.get()?.["jobs"]),
    close: async () => queue.close(),
  };
}

interface Liteque {
  readonly buildDBClient: (path: string, options: object) => { readonly session: { client: LitequeClient } };
  readonly SqliteQueue: new (name: string, database: object, options: object) => LitequeQueue;
}

interface LitequeQueue {
  enqueue(payload: unknown, options: { delayMs: number }): Promise<unknown>;
  attemptDequeue(options: {
    timeoutSecs: number;
  }): Promise<{ readonly id: number; readonly allocationId: string } | null>;
  finalize(id: number, allocationId: string, status: "completed"): Promise<void>;
}

/** What drizzle asks of better-sqlite3 for a transaction. */
interface LitequeClient extends Sqlite {
  transaction: (work: (...args: readonly unknown[]) => unknown) => object;
}

/**
 * It claims in a transaction whose function is asynchronous, which better-sqlite3 refuses by now and formerly ended before the
 * function did: so it is left out. What keeps two of its claims apart is a comparison in its statement.
 */
function withoutTransactions(client: LitequeClient): void {
  client.transaction = (work) => ({ deferred: work, immediate: work, exclusive: work });
}

/** It deletes what is completed. */
export function liteque(path: string, durability: Durability): QueueWay {
  const { buildDBClient, SqliteQueue } = loadPeer("liteque") as Liteque;
  const client = buildDBClient(path, { runMigrations: true });
  const { client: own } = client.session;
  own.exec(`PRAGMA busy_timeout = 60000; PRAGMA synchronous = ${synchronousOf(durability)}`);
  withoutTransactions(own);
  const database = openSqlite(path, synchronousOf(durability), "better-sqlite3");
  const queue = new SqliteQueue("jobs", client, {
    defaultJobArgs: { numRetries: 1 },
    keepFailedJobs: false,
  });
  const count = database.prepare(
    "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'tasks'), 0) - (SELECT count(*) FROM tasks) AS jobs",
  );
  const enqueue = (payload: unknown, delayMs = 0): Promise<unknown> => queue.enqueue(payload, { delayMs });
  // As its own runner asks: one claim of a process after the other, or all would reach for the same job and one would get it.
  let turn: Promise<unknown> = Promise.resolve();
  const dequeue = (): ReturnType<LitequeQueue["attemptDequeue"]> => {
    const claimed = turn.then(() => queue.attemptDequeue({ timeoutSecs: 30 }));
    turn = claimed.catch(() => {});
    return claimed;
  };
  return {
    enqueue,
    async enqueueMany(amount, delayMs) {
      for (let at = 0; at < amount; at += 1) await enqueue(at, delayMs);
    },
    async claim() {
      const job = await dequeue();
      return job === null ? undefined : () => queue.finalize(job.id, job.allocationId, "completed");
    },
    completed: async () => Number(count.get()?.["jobs"]),
    close: async () => void database.close(),
  };
}
