import { leases, type Store } from "../core.ts";
import { counter, equal, ok, refuses, turns, type CaseContext, type StoreCase, pending } from "../case.ts";
import type { JumpingClock } from "../subject.ts";

const leaseMs = 10_000;
const graceMs = 1_000;

/** Leases as two programs ask for them, on one clock that we turn. */
function two(context: CaseContext, other: Store): { one: Leases; two: Leases; time: JumpingClock } {
  const time = context.nemesis.jumpClock();
  const options = { clock: time.clock, leaseMs, graceMs };
  return {
    one: leases(context.store, { ...options, holder: "one" }),
    two: leases(other, { ...options, holder: "two" }),
    time,
  };
}

type Leases = ReturnType<typeof leases>;

/** The next grant to somebody else, after the time it takes. */
async function takeOver({ two: rival, time }: { two: Leases; time: JumpingClock }) {
  time.pass(leaseMs + graceMs + 1);
  const taken = await rival.tryAcquire("job");
  ok(taken, "the lease is not free after its time and grace");
  return taken;
}

function grows(before: string, after: string): void {
  ok(BigInt(after) > BigInt(before), `token ${after} follows ${before}`);
}

/** L1 to L5 and L7, of leases. */
export const leaseCases: readonly StoreCase[] = [
  {
    promise: "L1",
    name: "of two that ask for a lease, one is granted it",
    needs: ["jumpClock"],
    async run(context) {
      const { one, two: rival } = two(context, await context.open());
      const asked = [one, rival, one, rival].map((each) => each.tryAcquire("job"));
      const granted = (await Promise.all(asked)).filter((each) => each !== undefined);
      equal(granted.length, 1);
      equal(granted[0]?.held, true);
    },
  },
  {
    promise: "L1",
    name: "a lease keeps others out to its end and through its grace",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      await both.one.acquire("job");
      both.time.pass(leaseMs - 1);
      equal(await both.two.tryAcquire("job"), undefined);
      both.time.pass(graceMs / 2);
      equal(await both.two.tryAcquire("job"), undefined);
      both.time.pass(graceMs);
      ok(await both.two.tryAcquire("job"));
    },
  },
  {
    promise: "L1",
    name: "jumps of the wall clock by ten years free no lease",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      const years = 10 * 365 * 86_400_000;
      for (const jump of [years, -2 * years, years]) {
        both.time.jump(jump);
        equal(await both.two.tryAcquire("job"), undefined);
        equal(lease.held, true);
      }
    },
  },
  {
    promise: "L2",
    name: "a token grows from grant to grant",
    async run({ store }) {
      let before = "0";
      for (let round = 0; round < 5; round += 1) {
        const lease = await leases(store).acquire("job");
        grows(before, lease.token);
        before = lease.token;
        await lease.release();
      }
    },
  },
  {
    promise: "L2",
    name: "a token grows when another takes over",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const { token } = await both.one.acquire("job");
      grows(token, (await takeOver(both)).token);
    },
  },
  {
    promise: "L2",
    name: "a token grows through a restart of the store",
    async run({ store, open }) {
      const lease = await leases(store).acquire("job");
      await lease.release();
      await store.close();
      grows(lease.token, (await leases(await open()).acquire("job")).token);
    },
  },
  {
    promise: "L2",
    name: "a token grows though the document of the leases was removed",
    async run({ store, open }) {
      const lease = await leases(store).acquire("job");
      await lease.release();
      ok(await store.document({ name: "leases.json" }).remove());
      grows(lease.token, (await leases(await open()).acquire("job")).token);
    },
  },
  {
    promise: "L2",
    name: "a token grows though the locks' files were deleted",
    needs: ["loseLocks"],
    async run({ store, open, place, nemesis }) {
      const lease = await leases(store).acquire("job");
      await lease.release();
      await store.close();
      nemesis.loseLocks(place);
      grows(lease.token, (await leases(await open()).acquire("job")).token);
    },
  },
  {
    promise: "L2",
    name: "a token grows though the wall clock was set back by ten years",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      await lease.release();
      both.time.jump(-10 * 365 * 86_400_000);
      grows(lease.token, (await both.two.acquire("job")).token);
    },
  },
  {
    promise: "L2",
    name: "a token grows after its holder was killed",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      const token = (await other.tell({ verb: "lease", name: "job", leaseMs: 300 })) as string;
      await nemesis.killHolder(other.program);
      grows(token, (await leases(store).acquire("job", { timeoutMs: 20_000 })).token);
    },
  },
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
      await other.tell({ verb: "lease", name: "job", leaseMs: 400 });
      const resume = await nemesis.pauseHolder(other.program);
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
  {
    promise: "L7",
    name: "a lease that was not granted in time is granted to nobody",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      await refuses(() => both.two.acquire("job", { timeoutMs: 0 }), "ERR_LOCK_TIMEOUT");
      await lease.release();
      ok(await both.one.tryAcquire("job"));
    },
  },
  {
    promise: "L7",
    name: "an aborted wait for a lease rejects with the reason and is granted nothing",
    needs: ["jumpClock"],
    async run(context) {
      const both = two(context, await context.open());
      const lease = await both.one.acquire("job");
      const controller = new AbortController();
      const waiting = pending(both.two.acquire("job", { signal: controller.signal }));
      await turns(3);
      const reason = new Error("enough");
      controller.abort(reason);
      equal(await refuses(() => waiting, "Error"), reason);
      await lease.release();
      ok(await both.one.tryAcquire("job"));
    },
  },
];
