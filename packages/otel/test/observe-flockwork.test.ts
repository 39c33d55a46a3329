import { channel } from "node:diagnostics_channel";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { acquireLock } from "@flockwork/core";
import { expect, it, onTestFinished } from "vitest";
import { observeFlockwork } from "../src/index.ts";
import { RecordingMeter } from "./recording-meter.ts";

function useFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "flockwork-otel-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "state.json");
}

it("records waits, holds, contention and timeouts in seconds, and no path", async () => {
  const path = useFile();
  const meter = new RecordingMeter();
  const stop = observeFlockwork({ meter });
  const held = await acquireLock(path, "exclusive");
  await expect(acquireLock(path, "shared", { timeoutMs: 5 })).rejects.toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
  });
  await held.release();
  stop();
  await (await acquireLock(path, "exclusive")).release();

  const exclusive = { "flockwork.lock.mode": "exclusive" };
  const acquired = { ...exclusive, "flockwork.lock.outcome": "acquired" };
  expect(meter.of("flockwork.lock.acquisitions")).toEqual([[1, acquired]]);
  expect(meter.of("flockwork.lock.contentions")).toEqual([[1, {}]]);
  expect(meter.of("flockwork.lock.timeouts")).toEqual([[1, { "error.type": "ERR_LOCK_TIMEOUT" }]]);
  expect(meter.of("flockwork.lock.hold_time")).toEqual([[expect.any(Number), exclusive]]);
  const [first, second] = meter.of("flockwork.lock.wait_time");
  expect(first?.[1]).toEqual(acquired);
  expect(second).toEqual([expect.any(Number), { "flockwork.lock.outcome": "timeout" }]);
  expect(second?.[0]).toBeGreaterThanOrEqual(0.005);
  expect(JSON.stringify(meter.all())).not.toContain("state.json");
});

it("tells seconds, whatever core counts in", () => {
  const meter = new RecordingMeter();
  const stop = observeFlockwork({ meter });
  channel("flockwork:lock:acquired").publish({ path: "a", mode: "shared", waitedMs: 1_500 });
  channel("flockwork:lock:failed").publish({ outcome: "timeout", path: "a.lock", waitedMs: 2_500 });
  channel("flockwork:lock:released").publish({ path: "a", mode: "shared", heldMs: 250 });
  channel("flockwork:io:sync").publish({ durationMs: 5, failed: true });
  channel("flockwork:recovery:quarantined").publish({ path: "a", copyPath: "b", bytes: 12 });
  stop();
  expect(meter.of("flockwork.lock.wait_time").map(([value]) => value)).toEqual([1.5, 2.5]);
  expect(meter.of("flockwork.lock.hold_time").map(([value]) => value)).toEqual([0.25]);
  expect(meter.of("flockwork.io.fsync.duration")).toEqual([
    [0.005, { "error.type": "ERR_COMMIT_UNCERTAIN" }],
  ]);
  expect(meter.of("flockwork.recovery.quarantined")).toEqual([[12, {}]]);
});

it("names files as the caller says", async () => {
  const path = useFile();
  const meter = new RecordingMeter();
  const stop = observeFlockwork({ meter, nameOf: (each) => (each === path ? "state" : undefined) });
  await (await acquireLock(path, "exclusive")).release();
  stop();
  expect(meter.of("flockwork.lock.acquisitions")[0]?.[1]).toMatchObject({ "flockwork.store.name": "state" });
});

it("reads what is held now, and queues, when the meter asks", async () => {
  const path = useFile();
  const meter = new RecordingMeter();
  const stats = { waiting: 3, delayed: 1, blocked: 0, claimed: 2, dead: 5, oldestWaitingMs: 1_500 };
  const stop = observeFlockwork({ meter, queues: { mail: { stats: () => Promise.resolve(stats) } } });
  const held = await acquireLock(path, "exclusive");
  const read = await meter.read();
  await held.release();
  const mail = { "messaging.system": "flockwork", "messaging.destination.name": "mail" };
  expect(read["flockwork.lock.held"]).toEqual([[1, {}]]);
  expect(read["flockwork.queue.depth"]).toEqual([[4, mail]]);
  expect(read["flockwork.queue.oldest_age"]).toEqual([[1.5, mail]]);
  expect(read["flockwork.queue.dead"]).toEqual([[5, mail]]);
  stop();
  expect(await meter.read()).toEqual({});
});

it("without a meter it uses the global one, which does nothing unless an SDK is there", async () => {
  const path = useFile();
  const stop = observeFlockwork();
  await (await acquireLock(path, "exclusive")).release();
  stop();
});

it("refuses an option of the wrong kind", () => {
  expect(() => observeFlockwork({ nameOf: "state" as never })).toThrow(TypeError);
});
