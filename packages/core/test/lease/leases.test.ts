import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { jsonDocument } from "../../src/document/json-document.ts";
import { systemClock, type Clock } from "../../src/lease/clock.ts";
import { fencingTokens } from "../../src/lease/fence-register.ts";
import { compareFencingTokens } from "../../src/lease/fencing-token.ts";
import type { Lease } from "../../src/lease/lease.ts";
import type { LeaseRecord } from "../../src/lease/lease-record.ts";
import { boundLeases, leasesContent, noLeases, type LeasesContent } from "../../src/lease/leases-document.ts";
import { leases } from "../../src/lease/leases.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";
import { yearMs } from "./support/fake-clock.ts";
import { Place } from "./support/place.ts";

/** Renewed each third of it; a machine that stands still for longer loses it, rightly: once more then. */
const brief = { leaseMs: 6_000, graceMs: 600 };
const again = { retry: 3 };

function newPlace(): Place {
  return new Place(temporaryDirectory());
}

/** The machine's clocks, with another wall time. Under another name, its monotonic clock cannot be compared. */
function clockOf(wallShiftMs: number, name: string | undefined = systemClock.name): Clock {
  return {
    now: () => Date.now() + wallShiftMs,
    monotonic: () => systemClock.monotonic(),
    ...(name === undefined ? {} : { name }),
  };
}

test("a lease is one holder's until it is released; the next grant has a higher token", async () => {
  const { store } = newPlace();
  const [a, b] = [leases(store, { holder: "a" }), leases(store, { holder: "b" })];
  const first = await a.acquire("build");
  expect(first).toMatchObject({ name: "build", held: true, fence: { name: "build", token: first.token } });
  expect(first.record).toMatchObject({ holder: "a", leaseMs: 30_000, graceMs: 3_000 });
  expect(await b.tryAcquire("build")).toBeUndefined();
  expect(await b.inspect("build")).toMatchObject({ name: "build", holder: "a", state: "held" });
  await expect(b.acquire("build", { timeoutMs: 0 })).rejects.toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
    path: "build",
    message: expect.stringContaining("held by a, until"),
  });
  await first.release();
  await first.release();
  expect(first.held).toBe(false);
  expect(first.signal.aborted).toBe(false);
  expect(await b.inspect("build")).toMatchObject({ state: "released" });
  const second = await b.acquire("build");
  expect(compareFencingTokens(second.token, first.token)).toBeGreaterThan(0);
  await second.release();
  expect((await a.list()).map(({ name, state }) => [name, state])).toEqual([["build", "released"]]);
  expect(await a.inspect("another")).toBeUndefined();
});

test("leases of different names do not wait for each other", async () => {
  const { store } = newPlace();
  const held = await Promise.all(["a", "b", "c"].map((name) => leases(store).acquire(name)));
  expect((await leases(store).list()).map(({ name, state }) => `${name} ${state}`)).toEqual([
    "a held",
    "b held",
    "c held",
  ]);
  for (const lease of held) await lease.release();
});

test("a release wakes a waiter", async () => {
  const { store } = newPlace();
  const lease = await leases(store).acquire("build");
  const waiting = leases(store).acquire("build", { timeoutMs: 20_000 }); // sooner than the lease ends
  lease.assertHeld();
  await lease.release();
  await (await waiting).release();
});

test("waiters of one lease get it one after the other", async () => {
  const { store } = newPlace();
  let inside = 0;
  const work = async (): Promise<void> => {
    const lease: Lease = await leases(store).acquire("build");
    inside += 1;
    expect(inside).toBe(1);
    await leases(store).inspect("build");
    inside -= 1;
    await lease.release();
  };
  await Promise.all(Array.from({ length: 6 }, work));
});

test("a held lease is renewed by itself, past its first end, and keeps its token", again, async () => {
  const { store } = newPlace();
  const lease = await leases(store, brief).acquire("build");
  const { expiresAt } = lease.record;
  const rival = leases(store, brief);
  await expect(rival.acquire("build", { timeoutMs: 1.2 * brief.leaseMs })).rejects.toMatchObject({
    code: "ERR_LOCK_TIMEOUT",
  });
  lease.assertHeld();
  expect(lease.record).toMatchObject({ token: lease.token });
  expect(lease.record.expiresAt > expiresAt).toBe(true);
  await lease.renew();
  await lease.release();
  await expect(lease.renew()).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
});

test("L7: a wait that is given up leaves nothing held", async () => {
  const { store } = newPlace();
  const lease = await leases(store).acquire("build");
  const controller = new AbortController();
  const waiting = leases(store).acquire("build", { signal: controller.signal });
  const reason = new Error("enough");
  controller.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(leases(store).acquire("build", { signal: controller.signal })).rejects.toBe(reason);
  await lease.release();
  expect(await leases(store).inspect("build")).toMatchObject({ state: "released", token: lease.token });
});

test("L7: a grant that cannot be entered in the register of tokens is given back at once", async () => {
  const { store } = newPlace();
  const full = new Error("the disk is full");
  const broken = {
    transact: store.transact,
    document: (spec: { readonly name: string }) =>
      spec.name === fencingTokens.name
        ? { read: () => Promise.resolve({ tokens: {} }), update: () => Promise.reject(full) }
        : store.document(spec),
  };
  await expect(leases(broken as never).acquire("build")).rejects.toBe(full);
  expect(await leases(store).inspect("build")).toMatchObject({ state: "released" });
});

test("P7: of two grants between which the leases were deleted, none has the other's token", async () => {
  const place = newPlace();
  const ahead = { name: "build", token: "9".repeat(30) };
  await place.write("somebody", ahead); // what a grant entered that this document knows nothing of
  const lease = await leases(place.store).acquire("build");
  expect(compareFencingTokens(lease.token, ahead.token)).toBeGreaterThan(0);
  await lease.release();
});

test("P7: tokens grow though the document of leases is deleted, and whatever the clock says then", async () => {
  const place = newPlace();
  const first = await leases(place.store).acquire("build");
  rmSync(place.leasesPath);
  const second = await leases(place.store, { clock: clockOf(-10 * yearMs) }).acquire("build");
  expect(compareFencingTokens(second.token, first.token)).toBeGreaterThan(0);
  rmSync(place.tokensPath);
  await second.release();
  const third = await leases(place.store, { clock: clockOf(-10 * yearMs) }).acquire("build");
  expect(compareFencingTokens(third.token, second.token)).toBeGreaterThan(0);
  await first.release();
  expect(third.held).toBe(true);
  await third.renew();
  await third.release();
});

test("P7: tokens grow though everything is deleted, while the clock goes on", async () => {
  const place = newPlace();
  const first = await leases(place.store).acquire("build");
  await first.release();
  for (const path of [place.leasesPath, place.tokensPath]) rmSync(path);
  const second = await leases(place.store).acquire("build");
  expect(compareFencingTokens(second.token, first.token)).toBeGreaterThan(0);
  await second.release();
});

test("a holder whose record was deleted finds out at its next renewal, and what comes after it is left alone", async () => {
  const place = newPlace();
  const lease = await leases(place.store).acquire("build");
  rmSync(place.leasesPath);
  await expect(lease.renew()).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
  expect(lease.signal.aborted).toBe(true);
  await lease.release();
  expect(await leases(place.store).inspect("build")).toBeUndefined();
});

test("D5: from a takeover on, the old holder's token is refused, though the new one has not written", async () => {
  const place = newPlace();
  const first = await leases(place.store).acquire("build");
  await place.write("first", first.fence);
  await first.release();
  const second = await leases(place.store).acquire("build");
  const { name, token } = first.fence; // as another process would show it, which cannot ask the holder
  await expect(place.write("first", { name, token })).rejects.toMatchObject({
    code: "ERR_STALE_FENCING_TOKEN",
  });
  await expect(place.write("first", first.fence)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
  await place.write("second", second.fence);
  await second.release();
  expect((await place.written()).map(({ by }) => by)).toEqual(["first", "second"]);
});

test("a holder whose write is refused as stale has lost its lease: its signal fires before the write is refused", async () => {
  const place = newPlace();
  const lease = await leases(place.store).acquire("build");
  await place.write("rival", { name: "build", token: String(BigInt(lease.token) + 1n) });
  const fired: unknown[] = [];
  lease.signal.addEventListener("abort", () => fired.push("signal"));
  await place.write("holder", lease.fence).catch((error: unknown) => fired.push(error));
  expect(fired).toEqual(["signal", expect.objectContaining({ code: "ERR_STALE_FENCING_TOKEN" })]);
  expect(lease.held).toBe(false);
  await lease.release();
});

test.each([-10 * yearMs, -3_600_000, 3_600_000, 10 * yearMs])(
  "T8: a rival of the same machine whose wall clock is %i ms off neither takes a held lease nor waits longer for it",
  again,
  async (shiftMs) => {
    const { store } = newPlace();
    const lease = await leases(store, brief).acquire("build");
    const rival = leases(store, { ...brief, clock: clockOf(shiftMs) });
    expect(await rival.tryAcquire("build")).toBeUndefined();
    const waiting = rival.acquire("build", { timeoutMs: 60_000 });
    await lease.renew();
    lease.assertHeld();
    await lease.release();
    await (await waiting).release();
  },
);

test(
  "T8: a lease of a clock that cannot be compared is not taken while it is renewed, however far its expiry lies ahead",
  again,
  async () => {
    const { store } = newPlace();
    const lease = await leases(store, { ...brief, clock: clockOf(10 * yearMs, "elsewhere") }).acquire(
      "build",
    );
    const rival = leases(store, brief); // by the wall clock, it would wait for ten years
    await expect(rival.acquire("build", { timeoutMs: 1.2 * brief.leaseMs })).rejects.toMatchObject({
      code: "ERR_LOCK_TIMEOUT",
    });
    lease.assertHeld();
    await lease.release();
  },
);

test("T8: a dead holder's lease of a clock that cannot be compared is free after what it lasts, by the waiter's own clock", async () => {
  const place = newPlace();
  const ahead = { ...brief, clock: clockOf(10 * yearMs, "elsewhere") };
  const lease = await leases(place.store, ahead).acquire("build");
  const stored = readFileSync(place.leasesPath);
  await lease.release();
  writeFileSync(place.leasesPath, stored); // as if its holder had died instead
  const taken = await leases(place.store, brief).acquire("build", { timeoutMs: 60_000 });
  expect(compareFencingTokens(taken.token, lease.token)).toBeGreaterThan(0);
  await taken.release();
});

test("a document outside a store holds leases too, and its bytes stay readable", async () => {
  const path = join(temporaryDirectory(), "leases.json");
  const document = jsonDocument<LeasesContent>(path, { schema: leasesContent, defaults: noLeases });
  const lease = await leases(document, { holder: "me" }).acquire("build");
  expect(await leases(document).tryAcquire("build")).toBeUndefined();
  await lease.release();
  const stored = JSON.parse(readFileSync(path, "utf8")) as LeasesContent;
  expect(Object.keys(stored.leases["build"] ?? {})).toEqual([
    "holder",
    "token",
    "acquiredAt",
    "renewedAt",
    "leaseMs",
    "graceMs",
    "expiresAt",
    "monotonic",
    "releasedAt",
  ]);
});

test("damaged leases are an error that names them, and stay as they are", async () => {
  const place = newPlace();
  for (const text of ["{", '{"leases":{"build":{}}}', '{"leases":[]}', '{"leases":{},"floor":7}']) {
    writeFileSync(place.leasesPath, text);
    await expect(leases(place.store).acquire("build")).rejects.toMatchObject({
      code: expect.stringMatching(/^ERR_DOCUMENT_(CORRUPT|INVALID)$/),
    });
    expect(readFileSync(place.leasesPath, "utf8")).toBe(text);
  }
});

test("P7: where no token is above the last one, nobody is granted the lease, and the file stays", async () => {
  const place = newPlace();
  await (await leases(place.store).acquire("build", brief)).release();
  const content = JSON.parse(readFileSync(place.leasesPath, "utf8")) as LeasesContent;
  const build = { ...content.leases["build"], token: "9".repeat(38) };
  const text = JSON.stringify({ leases: { build } });
  writeFileSync(place.leasesPath, text);
  for (const holder of ["a", "b"])
    await expect(leases(place.store, { holder }).tryAcquire("build")).rejects.toMatchObject({
      code: "ERR_UNSUPPORTED",
      message: expect.stringContaining("the lease build"),
    });
  expect(readFileSync(place.leasesPath, "utf8")).toBe(text);
  await (await leases(place.store).acquire("another", brief)).release();
});

test("a lease that the file says lasts for ever is still its holder's, who can renew it", async () => {
  const place = newPlace();
  const lease = await leases(place.store).acquire("build");
  const content = JSON.parse(readFileSync(place.leasesPath, "utf8")) as LeasesContent;
  const build = { ...content.leases["build"], leaseMs: 1e300 };
  writeFileSync(place.leasesPath, JSON.stringify({ leases: { build } }));
  await lease.renew();
  expect(await leases(place.store).tryAcquire("build")).toBeUndefined();
  await lease.release();
});

test("misuse is named before anything happens", async () => {
  const { store } = newPlace();
  expect(() => leases(store, { leaseMs: 0 })).toThrow(RangeError);
  expect(() => leases(store, { graceMs: -1 })).toThrow(RangeError);
  expect(() => leases(store, { holder: "" })).toThrow(TypeError);
  expect(() => leases(store, [] as never)).toThrow(TypeError);
  for (const name of ["", "__proto__", 7, "x".repeat(513)])
    await expect(leases(store).acquire(name as never)).rejects.toThrow(TypeError);
  await expect(leases(store).acquire("a", { timeoutMs: -1 })).rejects.toThrow(RangeError);
  await expect(leases(store).acquire("a", { leaseMs: Infinity })).rejects.toThrow(RangeError);
  await expect(leases(store).acquire("a", { signal: {} as never })).rejects.toThrow(TypeError);
  expect(await leases(store).list()).toEqual([]);
});

test("beyond a thousand leases ended ones are dropped, and the next token exceeds theirs", () => {
  const record = (token: number, releasedAt?: string): LeaseRecord => ({
    holder: "a",
    token: `${token}`,
    acquiredAt: "2030-01-01T00:00:00.000Z",
    renewedAt: "2030-01-01T00:00:00.000Z",
    expiresAt: "2030-01-01T00:01:00.000Z",
    leaseMs: 60_000,
    graceMs: 0,
    ...(releasedAt === undefined ? {} : { releasedAt }),
  });
  const content: LeasesContent = { leases: { held: record(1) } };
  for (let at = 2; at <= 6; at += 1) content.leases[`ended ${at}`] = record(at, "2030-01-01T00:00:01.000Z");
  boundLeases(content, { wallMs: Date.UTC(2030, 0, 1, 0, 0, 30) }, 6);
  expect(Object.keys(content.leases)).toHaveLength(6);
  boundLeases(content, { wallMs: Date.UTC(2030, 0, 1, 0, 0, 30) }, 4);
  expect(Object.keys(content.leases)).toEqual(["held", "ended 6"]);
  expect(content.floor).toBe("5");
});
