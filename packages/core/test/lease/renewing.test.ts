import { expect, test } from "vitest";

import { instantOf } from "../../src/lease/clock.ts";
import { grantLease, renewLease } from "../../src/lease/grant-lease.ts";
import type { KeptLease } from "../../src/lease/kept-lease.ts";
import type { LeaseRecord } from "../../src/lease/lease-record.ts";
import { renewing } from "../../src/lease/renewing.ts";
import { FakeMachine, yearMs } from "./support/fake-clock.ts";

const machine = new FakeMachine();
const clock = machine.clock("boot");

function granted(holder = "a", leaseMs = 1_000, previous?: LeaseRecord): LeaseRecord {
  const record = grantLease(previous, { holder, leaseMs, now: instantOf(clock) });
  if (record === undefined) throw new Error("it was not granted");
  return record;
}

/** A lease whose record lies here, and whose renewals take as long as the test says. */
function keep(options: { readonly delayMs?: number; readonly signal?: AbortSignal } = {}): {
  readonly kept: KeptLease;
  readonly stored: { record: LeaseRecord; renewals: number };
} {
  const stored = { record: granted(), renewals: 0 };
  const renew = async (): Promise<LeaseRecord> => {
    stored.renewals += 1;
    machine.pass(options.delayMs ?? 0);
    stored.record = renewLease(stored.record, kept.record.token, instantOf(clock), "build");
    return stored.record;
  };
  const kept = renewing(stored.record, renew, { clock, name: "build", signal: options.signal });
  return { kept, stored };
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code;
}

test("T7: after a pause past the deadline the first look tells, and aborts the signal, before any timer has run", () => {
  const { kept } = keep();
  const { signal } = kept;
  const aborted: unknown[] = [];
  signal.addEventListener("abort", () => aborted.push(signal.reason));
  machine.pass(989);
  expect(kept.held).toBe(true);
  kept.assertHeld();
  machine.pass(2);
  expect(() => kept.assertHeld()).toThrow("The lease build was lost after 991 ms");
  expect(aborted).toEqual([kept.signal.reason]);
  expect(codeOf(kept.signal.reason)).toBe("ERR_LEASE_LOST");
  expect(kept.held).toBe(false);
});

test("the fence of a lease looks at the clock too, and is sent to others as name and token only", () => {
  const { kept } = keep();
  expect(structuredClone(kept.fence)).toEqual({ name: "build", token: kept.record.token });
  kept.fence.assertHeld?.();
  machine.pass(1_000);
  expect(() => kept.fence.assertHeld?.()).toThrow("was lost");
  expect(kept.signal.aborted).toBe(true);
});

test("a renewal counts from before it was sent", async () => {
  const { kept, stored } = keep({ delayMs: 600 });
  machine.pass(300);
  await kept.renew(); // sent at 300, written at 900
  expect(Date.parse(stored.record.expiresAt) - machine.wallMs).toBe(1_000);
  machine.pass(389);
  expect(kept.held).toBe(true);
  machine.pass(2);
  expect(kept.held).toBe(false);
});

test("a renewal that comes back after the deadline does not bring the lease back", async () => {
  const { kept, stored } = keep({ delayMs: 550 });
  machine.pass(500); // written at 1 050, in the grace: it would last until 1 490
  await expect(kept.renew()).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
  expect(stored.renewals).toBe(1);
  expect(Date.parse(stored.record.expiresAt)).toBeGreaterThan(machine.wallMs);
  expect(kept.held).toBe(false);
  await expect(kept.renew()).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
  expect(stored.renewals).toBe(1);
});

test("a renewal that finds the lease taken over loses it at once", async () => {
  const { kept, stored } = keep();
  stored.record = { ...stored.record, holder: "b", token: String(BigInt(stored.record.token) + 1n) };
  await expect(kept.renew()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
  expect(codeOf(kept.signal.reason)).toBe("ERR_STALE_FENCING_TOKEN");
  expect(kept.held).toBe(false);
});

test("a renewal that fails for another reason is tried again, and the reason is told if that does not help", async () => {
  const record = granted();
  const full = new Error("the disk is full");
  const kept = renewing(record, () => Promise.reject(full), { clock });
  await expect(kept.renew()).rejects.toBe(full);
  expect(kept.held).toBe(true);
  machine.pass(1_000);
  expect(kept.held).toBe(false);
  expect(kept.signal.reason).toMatchObject({ code: "ERR_LEASE_LOST", cause: full });
});

test("a renewal that throws at once is tried again as well", async () => {
  let times = 0;
  const kept = renewing(
    granted(),
    () => {
      times += 1;
      throw new Error("no");
    },
    { clock },
  );
  await expect(kept.renew()).rejects.toThrow("no");
  await expect(kept.renew()).rejects.toThrow("no");
  expect(times).toBe(2);
  kept.stop();
});

test("callers that renew at the same time share one renewal", async () => {
  const { kept, stored } = keep();
  await Promise.all([kept.renew(), kept.renew(), kept.renew()]);
  expect(stored.renewals).toBe(1);
  kept.stop();
});

test("a signal from outside ends the lease with its own reason", () => {
  const controller = new AbortController();
  const { kept } = keep({ signal: controller.signal });
  controller.abort(new Error("shutting down"));
  expect(kept.held).toBe(false);
  expect(() => kept.assertHeld()).toThrow("shutting down");
  const early = keep({ signal: controller.signal });
  expect(early.kept.signal.aborted).toBe(true);
});

test("a stopped lease is not held, and its signal tells of no loss", () => {
  const { kept } = keep();
  kept.stop();
  kept.stop();
  expect(kept.held).toBe(false);
  expect(kept.signal.aborted).toBe(false);
  expect(() => kept.assertHeld()).toThrow("was released");
});

test("T8: jumps of the wall clock do not move the deadline", async () => {
  for (const jumpMs of [-10 * yearMs, 10 * yearMs]) {
    const { kept } = keep();
    machine.jump(jumpMs);
    await kept.renew();
    machine.pass(989);
    expect(kept.held).toBe(true);
    machine.pass(2);
    expect(kept.held).toBe(false);
    machine.jump(-jumpMs);
  }
});

test("a lease granted by the wall clock alone is kept for no longer than since it was granted", () => {
  const record = grantLease(undefined, { holder: "a", leaseMs: 1_000, now: machine.wallMs - 400 });
  if (record === undefined) throw new Error("it was not granted");
  const kept = renewing(record, () => Promise.reject(new Error("no")), { clock });
  machine.pass(589);
  expect(kept.held).toBe(true);
  machine.pass(2);
  expect(kept.held).toBe(false);
});

// A machine that stands still for longer than the lease loses it, rightly: once more then.
test(
  "by the machine's clock it renews by itself, until it is stopped",
  { retry: 3, timeout: 60_000 },
  async () => {
    const record = grantLease(undefined, { holder: "a", leaseMs: 6_000, now: instantOf() });
    if (record === undefined) throw new Error("it was not granted");
    const { promise, resolve } = Promise.withResolvers<void>();
    let stored = record;
    let renewals = 0;
    const kept = renewing(record, async () => {
      stored = renewLease(stored, record.token, instantOf());
      if ((renewals += 1) === 4) resolve(); // later than one lease lasts
      return stored;
    });
    await promise;
    expect(kept.held).toBe(true);
    kept.stop();
  },
);

test("by the machine's clock the signal aborts by itself when renewals fail", async () => {
  const record = grantLease(undefined, { holder: "a", leaseMs: 60, now: instantOf() });
  if (record === undefined) throw new Error("it was not granted");
  const kept = renewing(record, () => Promise.reject(new Error("no")));
  const { promise, resolve } = Promise.withResolvers<unknown>();
  kept.signal.addEventListener("abort", resolve);
  await promise;
  expect(codeOf(kept.signal.reason)).toBe("ERR_LEASE_LOST");
});

test("misuse is named", () => {
  expect(() => renewing(granted(), undefined as never)).toThrow(TypeError);
  expect(() => renewing(granted(), () => Promise.reject(new Error("no")), { signal: {} as never })).toThrow(
    TypeError,
  );
});
