/** A job from enqueue to completion, in several ways: what is measured is the same, whoever keeps the queue. */
import { fileStore } from "@flockwork/core";
import { openQueue, type Claim } from "@flockwork/queue";
import { bullmqWorker } from "./queue-bullmq-worker.ts";
import { bullmq } from "./queue-bullmq.ts";
import { liteque, plainjob } from "./queue-peers.ts";
import { openSqlite, synchronousOf, type SqliteDriver } from "./sqlite-document.ts";

export interface QueueWay {
  enqueue(payload: unknown, delayMs?: number): Promise<unknown>;
  enqueueMany(count: number, delayMs: number): Promise<void>;
  /** Claims one job; what is returned completes it. Undefined: nothing to claim. */
  claim(): Promise<(() => Promise<unknown>) | undefined>;
  completed(): Promise<number>;
  close(): Promise<void>;
}

export type Durability = "disk" | "os";

/** Ours, as a user would open it, but that nothing is dropped: every job must be found again at the end. */
export function ours(directory: string, durability: Durability): QueueWay {
  const queue = openQueue(fileStore(directory), { durability, retention: { completed: 10_000_000 } });
  return {
    enqueue: (payload, delayMs) => queue.enqueue(payload, delayMs === undefined ? {} : { delayMs }),
    async enqueueMany(count, delayMs) {
      for (let left = count; left > 0; left -= 10_000) {
        const jobs = Array.from({ length: Math.min(left, 10_000) }, (_, payload) => ({ payload, delayMs }));
        await queue.enqueueMany(jobs);
      }
    },
    async claim() {
      const [claim]: readonly Claim[] = await queue.claim();
      return claim && (() => claim.complete());
    },
    completed: async () => (await queue.stats()).completed,
    close: () => queue.close(),
  };
}

/**
 * The least that a queue of the same promises does in SQLite: leases, attempts, tokens, delays, a claim in one statement.
 * WAL; `synchronous` NORMAL survives the process, FULL the power.
 */
export function sqlite(path: string, durability: Durability, driver: SqliteDriver): QueueWay {
  const database = openSqlite(path, synchronousOf(durability), driver);
  database.exec(`
    CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, payload TEXT NOT NULL, state INTEGER NOT NULL DEFAULT 0,
      run_at INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, token INTEGER NOT NULL DEFAULT 0, lease_until INTEGER);
    CREATE INDEX IF NOT EXISTS next ON jobs (state, run_at, id);`);
  const insert = database.prepare("INSERT INTO jobs (payload, run_at) VALUES (?, ?)");
  const claim =
    database.prepare(`UPDATE jobs SET state = 1, attempts = attempts + 1, token = token + 1, lease_until = ?
    WHERE id = (SELECT id FROM jobs WHERE state = 0 AND run_at <= ? ORDER BY run_at, id LIMIT 1)
    RETURNING id, payload, token`);
  const complete = database.prepare("UPDATE jobs SET state = 2 WHERE id = ? AND state = 1 AND token = ?");
  const count = database.prepare("SELECT count(*) AS jobs FROM jobs WHERE state = 2");
  const add = (payload: unknown, delayMs = 0): unknown =>
    insert.run(JSON.stringify(payload), Date.now() + delayMs);
  return {
    enqueue: async (payload, delayMs) => add(payload, delayMs),
    async enqueueMany(amount, delayMs) {
      database.exec("BEGIN");
      for (let at = 0; at < amount; at += 1) add(at, delayMs);
      database.exec("COMMIT");
    },
    async claim() {
      const now = Date.now();
      const job = claim.get(now + 30_000, now);
      if (job === undefined) return undefined;
      JSON.parse(String(job["payload"]));
      return async () => {
        if (complete.run(Number(job["id"]), Number(job["token"])).changes !== 1)
          throw new Error("a stale claim");
      };
    },
    completed: async () => Number(count.get()?.["jobs"]),
    close: async () => void database.close(),
  };
}

/** @param way - Who keeps the queue; BullMQ with the socket of its Redis behind it, `bullmq:/tmp/…`, `bullmq worker:/tmp/…`. */
export function openWay(way: string, path: string, durability: string): QueueWay {
  if (durability !== "disk" && durability !== "os") throw new RangeError(`no durability ${durability}`);
  if (way === "ours") return ours(path, durability);
  if (way === "sqlite") return sqlite(path, durability, "node:sqlite");
  if (way === "better-sqlite3") return sqlite(path, durability, "better-sqlite3");
  if (way === "plainjob") return plainjob(path, durability);
  if (way === "liteque") return liteque(path, durability);
  const [library, socket] = way.split(":");
  if (library === "bullmq" && socket !== undefined) return bullmq(path, socket);
  if (library === "bullmq worker" && socket !== undefined) return bullmqWorker(path, socket);
  throw new RangeError(`no way ${way}`);
}
