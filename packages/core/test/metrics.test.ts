import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import {
  acquireLock,
  acquireLockSync,
  appendJsonl,
  fileStore,
  leases,
  metrics,
  type EventsByChannel,
  type LockReleasedEvent,
} from "../src/index.ts";
import { useLockSpace } from "./support/lock-leak-check.ts";

const space = useLockSpace();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** What is published from now on, in order. */
function listen<Name extends keyof EventsByChannel>(name: Name): EventsByChannel[Name][] {
  const heard: EventsByChannel[Name][] = [];
  const hear = (event: unknown): void => void heard.push(event as EventsByChannel[Name]);
  subscribe(name, hear);
  ends.push(() => void unsubscribe(name, hear));
  return heard;
}

it("tells of each lock that is taken, waited for and given back", async () => {
  const path = space.file();
  const [acquired, released, contended, failed] = [
    listen("flockwork:lock:acquired"),
    listen("flockwork:lock:released"),
    listen("flockwork:lock:contended"),
    listen("flockwork:lock:failed"),
  ];
  const held = await acquireLock(path, "exclusive");
  await expect(acquireLock(path, "exclusive", { timeoutMs: 2 })).rejects.toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
  });
  const controller = new AbortController();
  const aborted = acquireLock(path, "exclusive", { signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toBe(controller.signal.reason);
  await held.release();
  acquireLockSync(path, "shared").releaseSync();

  expect(acquired).toEqual([
    { path, mode: "exclusive", waitedMs: expect.any(Number) },
    { path, mode: "shared", waitedMs: expect.any(Number) },
  ]);
  const releases: LockReleasedEvent[] = released;
  expect(releases).toMatchObject([
    { path, mode: "exclusive" },
    { path, mode: "shared" },
  ]);
  expect(contended).toEqual([{ lockPath: `${path}.lock` }, { lockPath: `${path}.lock` }]);
  expect(failed).toEqual([
    { outcome: "timeout", path: `${path}.lock`, waitedMs: expect.any(Number) },
    { outcome: "abort", path: `${path}.lock` },
  ]);
});

it("counts and tells of syncs, and of bytes that were moved aside", async () => {
  const path = space.file("events.jsonl");
  const [syncs, quarantined] = [listen("flockwork:io:sync"), listen("flockwork:recovery:quarantined")];
  const before = metrics();
  await appendJsonl(path, { id: 1 });
  appendFileSync(path, '{"id":2');
  const { quarantined: moved } = await appendJsonl(path, { id: 3 });

  expect(quarantined).toEqual([{ path, copyPath: moved?.path, bytes: 7 }]);
  const after = metrics();
  expect(after.quarantinedFiles - before.quarantinedFiles).toBe(1);
  expect(after.quarantinedBytes - before.quarantinedBytes).toBe(7);
  expect(after.sync.count - before.sync.count).toBe(syncs.length);
  expect(syncs.length).toBeGreaterThan(2);
  expect(syncs.every(({ failed }) => !failed)).toBe(true);
});

it("counts and tells of a write that is refused for its stale lease", async () => {
  const rejected = listen("flockwork:fence:rejected");
  const store = fileStore(join(space.directory, "store"));
  const document = store.document<{ n: number }>({ name: "a.json", defaults: () => ({ n: 0 }) });
  const held = await leases(store).acquire("job", { leaseMs: 60_000 });
  const { fence } = held;
  await held.release();
  const next = await leases(store).acquire("job", { leaseMs: 60_000 });
  const before = metrics().fenceRejections;
  const stale = { name: fence.name, token: fence.token };
  await expect(document.update((draft) => void (draft.n += 1), { fence: stale })).rejects.toMatchObject({
    code: "ERR_STALE_FENCING_TOKEN",
  });
  expect(metrics().fenceRejections - before).toBe(1);
  expect(rejected).toEqual([{ lease: "job", presented: fence.token, current: next.token }]);
  await next.release();
  await store.close();
});

it("a listener that throws leaves the lock held and its own error to the process", async () => {
  const path = space.file();
  const failures: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const caught = new Promise<void>((resolve) =>
    process.once("uncaughtException", (error) => {
      failures.push(error);
      resolve();
    }),
  );
  const hear = (): void => {
    throw new Error("a listener of its own");
  };
  subscribe("flockwork:lock:acquired", hear);
  const lock = await acquireLock(path, "exclusive");
  unsubscribe("flockwork:lock:acquired", hear);
  expect(lock.held).toBe(true);
  await lock.release();
  await caught;
  for (const listener of listeners) process.on("uncaughtException", listener);
  expect(failures).toMatchObject([{ message: "a listener of its own" }]);
});
