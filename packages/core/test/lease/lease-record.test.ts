import { expect, expectTypeOf, test } from "vitest";

import { instantOf, type Instant } from "../../src/lease/clock.ts";
import { grantLease, releaseLease, renewLease, type LeaseRequest } from "../../src/lease/grant-lease.ts";
import { isLeaseRecord, leaseRecord, type LeaseRecord } from "../../src/lease/lease-record.ts";
import { checkLease, leaseState, msUntilFree } from "../../src/lease/lease-state.ts";
import { FakeMachine, yearMs } from "./support/fake-clock.ts";

const start = Date.UTC(2030, 0, 1);
const request = { holder: "a", leaseMs: 1_000, graceMs: 200, now: start };

function granted(previous: LeaseRecord | undefined, overrides: Partial<LeaseRequest> = {}): LeaseRecord {
  const record = grantLease(previous, { ...request, ...overrides });
  if (record === undefined) throw new Error("it was not granted");
  return record;
}

function codeOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

test("a lease is held, then in grace, then expired", () => {
  const record = granted(undefined);
  expect(leaseState(record, start)).toBe("held");
  expect(leaseState(record, start + 999)).toBe("held");
  expect(leaseState(record, start + 1_000)).toBe("grace");
  expect(leaseState(record, start + 1_199)).toBe("grace");
  expect(leaseState(record, start + 1_200)).toBe("expired");
  expect(msUntilFree(record, start + 300)).toBe(900);
  expect(msUntilFree(record, start + 3_000)).toBe(0);
});

test("a held lease is granted to nobody, in its grace only to its holder, then to anybody", () => {
  const record = granted(undefined);
  const at = (holder: string, ms: number): string | undefined =>
    grantLease(record, { ...request, holder, now: start + ms })?.holder;
  expect(at("a", 999)).toBeUndefined();
  expect(at("b", 999)).toBeUndefined();
  expect(at("a", 1_000)).toBe("a");
  expect(at("b", 1_199)).toBeUndefined();
  expect(at("b", 1_200)).toBe("b");
});

test("only the holder renews, in the lease and in its grace; the token stays", () => {
  const record = granted(undefined);
  for (const ms of [0, 999, 1_199]) {
    const renewed = renewLease(record, record.token, start + ms);
    expect(renewed.token).toBe(record.token);
    expect(leaseState(renewed, start + ms + 999)).toBe("held");
  }
  expect(codeOf(() => renewLease(record, record.token, start + 1_200))).toBe("ERR_LEASE_LOST");
});

test("a renewal that comes after a takeover is refused and leaves the new grant alone", () => {
  const first = granted(undefined);
  const second = granted(first, { holder: "b", now: start + 1_200 });
  expect(codeOf(() => renewLease(second, first.token, start + 1_201))).toBe("ERR_STALE_FENCING_TOKEN");
  expect(codeOf(() => releaseLease(second, first.token, start + 1_201))).toBe("ERR_STALE_FENCING_TOKEN");
});

test("a released lease keeps its token, is anybody's at once, and is released once", () => {
  const record = granted(undefined);
  const released = releaseLease(record, record.token, start + 5);
  expect(released.token).toBe(record.token);
  expect(leaseState(released, start + 5)).toBe("released");
  expect(releaseLease(released, record.token, start + 50)).toBe(released);
  expect(codeOf(() => renewLease(released, record.token, start + 6))).toBe("ERR_LEASE_LOST");
  expect(BigInt(granted(released, { holder: "b", now: start + 6 }).token)).toBeGreaterThan(
    BigInt(record.token),
  );
});

test("work under a lease that ended but was not taken over is still its holder's", () => {
  const record = granted(undefined);
  expect(() => checkLease(record, record.token)).not.toThrow();
  expect(leaseState(record, start + yearMs)).toBe("expired");
});

test("checkLease tells a stale token from a lease that is gone", () => {
  const record = granted(undefined);
  expect(codeOf(() => checkLease(record, String(BigInt(record.token) - 1n)))).toBe("ERR_STALE_FENCING_TOKEN");
  expect(codeOf(() => checkLease(record, String(BigInt(record.token) + 1n)))).toBe("ERR_LEASE_LOST");
  expect(codeOf(() => checkLease(undefined, record.token))).toBe("ERR_LEASE_LOST");
  expect(() => checkLease(record, record.token, "build")).not.toThrow();
  expect(() => checkLease(record, "7", "build")).toThrow(
    `the lease build: its fencing token 7 is stale, ${record.token}`,
  );
  expect(() => checkLease(record, "07")).toThrow(TypeError);
});

test("T8: on one machine no jump of the wall clock ends a lease early or keeps it", () => {
  for (const jumpMs of [-10 * yearMs, -3_600_000, 3_600_000, 10 * yearMs]) {
    const machine = new FakeMachine();
    const clock = machine.clock("boot");
    const record = granted(undefined, { now: instantOf(clock) });
    machine.jump(jumpMs);
    expect(leaseState(record, instantOf(clock))).toBe("held");
    expect(granted(renewAs(record), { holder: "b", now: past(1_200) }).holder).toBe("b");
    function renewAs(held: LeaseRecord): LeaseRecord {
      return renewLease(held, held.token, instantOf(clock));
    }
    function past(ms: number): Instant {
      machine.pass(ms);
      return instantOf(clock);
    }
  }
});

test("T8: a lease that was seen unrenewed for its whole time is over, whatever the wall clock says", () => {
  const record = granted(undefined);
  const longAgo = start - 10 * yearMs;
  expect(leaseState(record, longAgo)).toBe("held");
  expect(leaseState(record, longAgo, { unchangedForMs: 1_000 })).toBe("grace");
  expect(leaseState(record, longAgo, { unchangedForMs: 1_200 })).toBe("expired");
  expect(msUntilFree(record, longAgo, { unchangedForMs: 900 })).toBe(300);
});

test("fields of others stay in the record", () => {
  const record = { ...granted(undefined), pid: 7 };
  expect(renewLease(record, record.token, start)).toMatchObject({ pid: 7 });
  expect(releaseLease(record, record.token, start)).toMatchObject({ pid: 7 });
});

test("a record from a clock that is not shared loses its reading of the shared one when it is renewed without", () => {
  const record = granted(undefined, { now: instantOf(new FakeMachine().clock("boot")) });
  expect(record.monotonic).toEqual({ clock: "boot", expiresAtMs: 5_001_000 });
  expect(renewLease(record, record.token, start)).not.toHaveProperty("monotonic");
});

test("a record that says it lasts longer than an instant can be written is its holder's, and is renewed for a hundred years", () => {
  for (const now of [start, instantOf()]) {
    const record = { ...granted(undefined, { now }), leaseMs: 1e300, graceMs: 1e300 };
    expect(isLeaseRecord(record)).toBe(true);
    const renewed = renewLease(record, record.token, now);
    expect(renewed).toMatchObject({ holder: "a", token: record.token, leaseMs: 100 * yearMs });
    expect(isLeaseRecord(JSON.parse(JSON.stringify(renewed)))).toBe(true);
    expect(grantLease(renewed, { ...request, holder: "b", now })).toBeUndefined();
  }
});

test("the schema takes every record, through JSON too, and names what is wrong with others", () => {
  const held = granted(undefined, { now: instantOf() });
  const record = releaseLease(held, held.token, start);
  expect(isLeaseRecord(JSON.parse(JSON.stringify(record)))).toBe(true);
  expect(isLeaseRecord({ ...record, extra: 1 })).toBe(true);
  const wrong = {
    holder: "",
    token: 7,
    acquiredAt: "yesterday",
    leaseMs: 0,
    graceMs: -1,
    releasedAt: 5,
    monotonic: {},
  };
  for (const [field, value] of Object.entries(wrong)) {
    const result = leaseRecord["~standard"].validate({ ...record, [field]: value });
    expect(result).toMatchObject({ issues: [{ path: [field] }] });
  }
  for (const value of [null, [], 7, "record"]) expect(isLeaseRecord(value)).toBe(false);
  expectTypeOf<LeaseRecord["token"]>().toEqualTypeOf<string>();
});

test("misuse is named before anything is granted", () => {
  expect(() => granted(undefined, { leaseMs: 0 })).toThrow(RangeError);
  expect(() => granted(undefined, { leaseMs: Infinity })).toThrow(RangeError);
  expect(() => granted(undefined, { leaseMs: "1" as never })).toThrow(TypeError);
  expect(() => granted(undefined, { graceMs: Infinity })).toThrow(RangeError);
  expect(() => granted(undefined, { holder: "" })).toThrow(TypeError);
  expect(() => granted(undefined, { now: NaN })).toThrow(RangeError);
  expect(() => granted(undefined, { now: undefined as never })).toThrow(RangeError);
});
