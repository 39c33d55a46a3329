import { leases, type StoreLock } from "../core.ts";
import { counter, equal, ok, refuses, turns, type StoreCase } from "../case.ts";
import { leaseMs, takeOver, two } from "./two-holders.ts";

/** Pauses a holder while it is not renewing: a lock that is held is held through every pause, and keeps all others waiting. */
async function pauseOutside(
  pause: () => Promise<() => Promise<void>>,
  lock: StoreLock,
): Promise<() => Promise<void>> {
  for (;;) {
    const resume = await pause();
    const hold = await lock.tryAcquire("exclusive");
    await hold?.release();
    if (hold !== undefined) return resume;
    await resume();
    await turns(5);
  }
}

/** L3 to L5, of leases: who may let go of one, and how it is lost. */
export const leaseLossCases: readonly StoreCase[] = [
  {
    promise: "L3",
    name: "releasing a lease twice, or after it was lost, takes nothing from the next holder",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lost = await both.one.acquire("job");
      const taken = await takeOver(both);
      await lost.release();
      await lost.release();
      equal(taken.held, true);
      equal(await both.one.tryAcquire("job"), undefined);
    },
  },
  {
    promise: "L3",
    name: "a lease that was released is free at once, and cannot be renewed",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      await lease.release();
      await refuses(() => lease.renew(), "ERR_LEASE_LOST");
      equal((await both.two.tryAcquire("job"))?.held, true);
    },
  },
  {
    promise: "L3",
    name: "a lease that somebody else was granted since cannot be renewed",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lost = await both.one.acquire("job");
      const taken = await takeOver(both);
      await refuses(() => lost.renew(), "ERR_LEASE_LOST");
      await taken.renew();
      equal(taken.held, true);
    },
  },
  {
    promise: "L3",
    name: "disposing of a lease releases it",
    async run({ store }) {
      const lease = await leases(store).acquire("job");
      await lease[Symbol.asyncDispose]();
      ok(await leases(store).tryAcquire("job"));
    },
  },
  {
    promise: "L4",
    name: "the lease of a killed holder is granted to the next when its time is over",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "lease", name: "job", leaseMs: 300 });
      await nemesis.killHolder(other.program);
      equal((await leases(store).acquire("job", { timeoutMs: 20_000 })).held, true);
    },
  },
  {
    promise: "L5",
    name: "a lease is lost by its holder's own clock, before anybody tells it",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      both.time.pass(leaseMs);
      await refuses(() => lease.assertHeld(), "ERR_LEASE_LOST");
      equal(lease.held, false);
      equal(lease.signal.aborted, true);
    },
  },
  {
    promise: "L5",
    name: "a holder that looks finds out whoever looks first: its signal is aborted by then",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      both.time.pass(leaseMs);
      equal(lease.signal.aborted, true);
    },
  },
  {
    promise: "L5",
    name: "renewing keeps a lease past its first end, and no longer than it said",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      both.time.pass(leaseMs / 2);
      await lease.renew();
      both.time.pass(leaseMs * 0.8);
      equal(lease.held, true);
      both.time.pass(leaseMs * 0.2);
      equal(lease.held, false);
    },
  },
  {
    promise: "L5",
    name: "setting the wall clock back does not prolong a lease, forward does not end it",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      both.time.jump(3_600_000);
      equal(lease.held, true);
      both.time.jump(-7_200_000);
      both.time.pass(leaseMs);
      equal(lease.held, false);
    },
  },
  {
    promise: "L5",
    name: "a release is no loss: the signal stays silent",
    async run({ store }) {
      const lease = await leases(store).acquire("job");
      await lease.release();
      await turns(2);
      equal(lease.signal.aborted, false);
    },
  },
  {
    promise: "L5",
    name: "a holder paused past its lease is told before its first write, which is refused",
    needs: ["peer", "pauseHolder"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "lease", name: "job", leaseMs: 1_000 });
      const resume = await pauseOutside(() => nemesis.pauseHolder(other.program), store.lock("leases.json"));
      const taken = await leases(store).acquire("job", { timeoutMs: 20_000, leaseMs: 60_000 });
      await counter(store).write({ count: 7 }, { fence: taken.fence });
      await resume();
      const answer = await other.tell({ verb: "add", name: "count.json", times: 1, lease: "job" });
      const { error, firedFirst } = answer as { error?: string; firedFirst?: boolean };
      ok(
        error === "ERR_LEASE_LOST" || error === "ERR_STALE_FENCING_TOKEN",
        `it was told ${JSON.stringify(answer)}`,
      );
      equal(firedFirst, true);
      equal((await counter(store).read()).count, 7);
    },
  },
];
