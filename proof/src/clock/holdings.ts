/** What only one may hold at a time, each with a witness in the file system. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openTasks } from "@flockwork/tasks";
import { acquireLock, fileStore, leases } from "../harness/core.ts";
import { openQueue } from "../queue/package.ts";
import { Stay } from "./stay.ts";

export interface Hold {
  /** Shows that nobody else holds it. @param askedMs - Before it was asked for. */
  enter(askedMs: number): Stay;
  renew?(): Promise<unknown>;
  giveBack(): unknown;
  /** Lets it expire, as somebody does who is gone. Absent where nothing expires: a lock ends with its process alone. */
  abandon?(): unknown;
}

export interface Holding {
  /** Undefined where it was not to be had. */
  take(): Promise<Hold | undefined>;
  close(): unknown;
}

/** The longest that anybody is to wait. */
export const patienceMs = 3_000;
/** Longer than anybody holds it who is let run, and no longer than those may wait who come after one who is gone. */
export const leaseMs = 1_500;

const witness =
  (directory: string, name: string, lastsMs: number = Infinity) =>
  (askedMs: number): Stay =>
    new Stay(join(directory, `${name}.witness`), lastsMs, askedMs);

/** Timed out is refused; what else goes wrong is wrong. */
function ifInTime(error: unknown): undefined {
  if ((error as { code?: unknown }).code === "ERR_LOCK_TIMEOUT") return undefined;
  throw error;
}

const lockOf =
  (layout: "sidecar" | "flowforge") =>
  (directory: string): Holding => ({
    async take() {
      const path = join(directory, "data");
      const lock = await acquireLock(path, "exclusive", { layout, timeoutMs: patienceMs }).catch(ifInTime);
      return lock && { enter: witness(directory, "lock"), giveBack: () => lock.release() };
    },
    close: () => undefined,
  });

/** By their names. */
export const holdings: Readonly<Record<string, (directory: string) => Holding | Promise<Holding>>> = {
  lock: lockOf("sidecar"),
  "FlowForge's lock": lockOf("flowforge"),
  lease(directory) {
    return {
      async take() {
        const store = fileStore(directory);
        const held = leases(store, { leaseMs });
        const lease = await held.acquire("work", { timeoutMs: patienceMs }).catch(ifInTime);
        if (lease === undefined) {
          await store.close();
          return undefined;
        }
        return {
          enter: witness(directory, "lease", leaseMs),
          renew: () => lease.renew(),
          giveBack: async () => {
            await lease.release();
            await store.close();
          },
          // It renews itself as long as it can: without its store it cannot.
          abandon: () => store.close(),
        };
      },
      close: () => undefined,
    };
  },
  job(directory) {
    const store = fileStore(directory);
    const queue = openQueue(store, { leaseMs, durability: "os" });
    return {
      async take() {
        const [claim] = await queue.claim();
        return (
          claim && {
            enter: witness(directory, "job", leaseMs),
            renew: () => claim.extend(),
            giveBack: () => claim.release(),
            abandon: () => undefined,
          }
        );
      },
      close: async () => {
        await queue.close();
        await store.close();
      },
    };
  },
  task(directory) {
    const tasks = openTasks(directory);
    const request = { holder: `agent:${process.pid}`, leaseMs, keep: false } as const;
    return {
      async take() {
        const claim = await tasks.claims.claim(1, { ...request, timeoutMs: patienceMs });
        if (!claim.granted) return undefined;
        return {
          enter: witness(directory, "task", leaseMs),
          renew: () => claim.renew(),
          giveBack: () => claim.release(),
          abandon: () => undefined,
        };
      },
      close: () => undefined,
    };
  },
};

export async function prepareHoldings(directory: string): Promise<void> {
  mkdirSync(join(directory, ".flowforge"));
  writeFileSync(join(directory, "data"), "{}\n");
  const tasks = [{ id: 1, title: "Only one may have it", status: "ready" }];
  writeFileSync(join(directory, ".flowforge", "tasks.json"), JSON.stringify({ tasks }));
  const store = fileStore(directory);
  const queue = openQueue(store);
  // When it is due again is a matter of the wall clock: here, at once.
  await queue.enqueue({}, { maxAttempts: 100_000, backoff: { kind: "fixed", baseMs: 0 } });
  await queue.close();
  await store.close();
}
