import { readdirSync, readFileSync } from "node:fs";
import { fileStore, type Store } from "@flockwork/core";
import { beforeEach, expect, it } from "vitest";
import { elect } from "../src/index.ts";
import { temporaryDirectory, until, Worker } from "../../../toolchain/testing/surroundings.ts";

const fixture = new URL("./fixtures/leader-worker.ts", import.meta.url);
let directory = "";
let store: Store;
beforeEach(() => {
  directory = temporaryDirectory();
  store = fileStore(directory);
});

it("elects one at a time, each with a higher token; the next one leads when it resigns", async () => {
  const first = await elect(store, "sweeper");
  await expect(elect(store, "sweeper", { timeoutMs: 0 })).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
  const waiting = elect(store, "sweeper");
  await first.resign();
  const second = await waiting;
  expect(BigInt(second.token)).toBeGreaterThan(BigInt(first.token));
  expect(first.lost.aborted).toBe(false);
  expect(() => first.assertLeading()).toThrow();
  second.assertLeading();
  await second.resign();
});

it("gives up waiting with its signal", async () => {
  await using _leader = await elect(store, "sweeper");
  const controller = new AbortController();
  const waiting = elect(store, "sweeper", { signal: controller.signal });
  controller.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
});

it("L2, L5: a leader that is paused past its lease is replaced, knows it when it wakes, and cannot write", async () => {
  const worker = new Worker(fixture, directory);
  await worker.sent(1);
  await pausedOutsideItsLocks(worker);
  const successor = await elect(store, "sweeper");
  const results = store.document<{ by: string[] }>({ name: "results.json", defaults: () => ({ by: [] }) });
  await results.update((draft) => void draft.by.push("successor"), { fence: successor.fence });
  worker.signal("SIGCONT");
  const [, lost] = await worker.sent(2);
  expect(lost).toMatch(/^ERR_(LEASE_LOST|STALE_FENCING_TOKEN)$/);
  worker.tell("write all the same");
  const [, , refused] = await worker.sent(3);
  expect(refused).toBe("ERR_STALE_FENCING_TOKEN");
  expect((await results.read()).by).toEqual(["successor"]);
  await successor.resign();
});

it("P2: a leader that is killed is replaced when its lease is over", async () => {
  const worker = new Worker(fixture, directory);
  await worker.sent(1);
  await worker.kill();
  const successor = await elect(store, "sweeper");
  expect(successor.lost.aborted).toBe(false);
  await successor.resign();
});

/** Pauses a process at a moment when it does not hold the lock of the leases, which would rightly make all others wait. */
async function pausedOutsideItsLocks(worker: Worker): Promise<void> {
  const lock = store.lock("leaders.json");
  for (;;) {
    worker.signal("SIGSTOP");
    await until(() => isStopped(worker.child.pid));
    const hold = await lock.tryAcquire("exclusive");
    if (hold !== undefined) return hold.release();
    worker.signal("SIGCONT");
    await (await lock.acquire("exclusive")).release(); // it has gone on
  }
}

/** Every thread of it: one that waits for a lock may still be granted it. */
function isStopped(pid: number | undefined): boolean {
  const tasks = `/proc/${pid}/task`;
  return readdirSync(tasks).every((task) => / T /.test(readFileSync(`${tasks}/${task}/stat`, "utf8")));
}
