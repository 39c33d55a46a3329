import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { appendLines } from "../../src/atomic/append-lines.ts";
import { updateJson } from "../../src/document/update-json.ts";
import { acquireLock, acquireLockSync } from "../../src/lock/acquire-lock.ts";
import { LockTimeoutError } from "../../src/lock/lock-errors.ts";
import { lockMetrics } from "../../src/lock/lock-metrics.ts";
import { configureLocks } from "../../src/lock/lock-settings.ts";
import { LockPeer } from "../support/lock-peer.ts";
import { useLockSpace } from "../support/lock-leak-check.ts";

const space = useLockSpace();
let path: string;

beforeEach(() => {
  path = space.file("tasks.json");
  configureLocks({ adaptiveTimeout: { minMs: 5, maxMs: 250 } });
});
afterEach(() => configureLocks({}));

/** What waits for a lock that is held are bounded by. */
async function boundOf(wait: () => Promise<unknown>): Promise<number> {
  const error = await wait().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LockTimeoutError)) throw new Error(`it said ${String(error)}`);
  return error.timeoutMs;
}

async function holding(file: string): Promise<LockPeer> {
  const peer = await LockPeer.start();
  await peer.acquire("lock", file, "exclusive");
  return peer;
}

/** Many uncontended waits. */
function seeQuickWaits(): void {
  for (let round = 0; round < 200; round += 1) acquireLockSync(path, "exclusive").releaseSync();
}

describe("adaptive timeouts", () => {
  it("stay within their bounds, and follow what waiting for the lock took lately", async () => {
    const peer = await holding(path);
    const wait = (): Promise<unknown> => acquireLock(path, "exclusive");
    expect(await boundOf(wait)).toBe(250); // too little is known: the usual default, bounded
    await peer.kill();
    seeQuickWaits();
    const again = await holding(path);
    const quick = await boundOf(wait);
    expect(quick).toBeGreaterThanOrEqual(5);
    expect(quick).toBeLessThan(250);
    for (let round = 0; round < 4; round += 1) await boundOf(wait);
    expect(await boundOf(wait)).toBeGreaterThan(quick); // those that gave up too early count as well
    await again.kill();
  });

  it("hold for updates and appends, and not for a call or a layout that says how long", async () => {
    seeQuickWaits();
    const { timeouts } = lockMetrics();
    const peer = await holding(path);
    expect(await boundOf(() => updateJson(path, () => {}))).toBeLessThan(250);
    expect(await boundOf(() => acquireLock(path, "exclusive", { timeoutMs: 1 }))).toBe(1);
    await peer.kill();
    expect(lockMetrics().timeouts).toBe(timeouts + 2);
    expect(await boundOf(() => appendLinesWhileHeld(path))).toBeLessThan(250);
  });

  it("are off unless they are asked for, and refuse bounds that are none", () => {
    const wrong: [unknown, RegExp][] = [
      [true, /object with minMs and maxMs/],
      [{ minMs: 1 }, /adaptiveTimeout\.maxMs must be a number/],
      [{ minMs: -1, maxMs: 1 }, /adaptiveTimeout\.minMs must be 0 or more/],
      [{ minMs: 2, maxMs: 1 }, /must not exceed/],
    ];
    for (const [bounds, message] of wrong)
      expect(() => configureLocks({ adaptiveTimeout: bounds as never })).toThrow(message);
  });
});

async function appendLinesWhileHeld(file: string): Promise<unknown> {
  const peer = await holding(file);
  try {
    return await appendLines(file, ["{}"]);
  } finally {
    await peer.kill();
  }
}
