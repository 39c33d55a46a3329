import { leases } from "../core.ts";
import { equal, ok, refuses, turns, type StoreCase, pending } from "../case.ts";
import { grows, graceMs, leaseMs, takeOver, two } from "./two-holders.ts";

/** L1, L2 and L7, of leases. */
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
