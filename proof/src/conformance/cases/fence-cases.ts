import { leases, type Fence } from "../core.ts";
import {
  add,
  counter,
  deepEqual,
  equal,
  item,
  items,
  refuses,
  type CaseContext,
  type StoreCase,
} from "../case.ts";

const stale = "ERR_STALE_FENCING_TOKEN";

/** What a holder kept whose lease went to somebody else: name and token, without the knowledge that it is lost. */
async function fences({ store }: Pick<CaseContext, "store">): Promise<{ old: Fence; current: Fence }> {
  const first = await leases(store).acquire("job");
  await first.release();
  const second = await leases(store).acquire("job");
  return { old: plain(first.fence), current: plain(second.fence) };
}

function plain({ name, token }: Fence): Fence {
  return { name, token };
}

/** D5, of leases. */
export const fenceCases: readonly StoreCase[] = [
  {
    promise: "D5",
    name: "a write under the current lease is accepted",
    async run(context) {
      const { current } = await fences(context);
      const document = counter(context.store);
      await document.write({ count: 1 }, { fence: current });
      await document.update(add, { fence: current });
      deepEqual(await document.read(), { count: 2 });
    },
  },
  {
    promise: "D5",
    name: "a write under an old lease is refused, though the new holder has not written yet",
    async run(context) {
      const { old } = await fences(context);
      const document = counter(context.store);
      await document.write({ count: 1 });
      await refuses(() => document.write({ count: 9 }, { fence: old }), stale);
      deepEqual(await document.read(), { count: 1 });
    },
  },
  {
    promise: "D5",
    name: "an update under an old lease is refused, and leaves no trace",
    async run(context) {
      const { old } = await fences(context);
      const document = counter(context.store);
      const { revision } = await document.write({ count: 1 });
      await refuses(() => document.update(add, { fence: old }), stale);
      deepEqual(await document.readWithRevision(), { value: { count: 1 }, revision });
    },
  },
  {
    promise: "D5",
    name: "an append under an old lease is refused",
    async run(context) {
      const { old, current } = await fences(context);
      const log = items(context.store);
      await log.append(item(1), { fence: current });
      await refuses(() => log.append(item(2), { fence: old }), stale);
      await refuses(() => log.appendMany([item(3), item(4)], { fence: old }), stale);
      deepEqual(await log.read(), [item(1)]);
    },
  },
  {
    promise: "D5",
    name: "a log's transact and rewrite under an old lease are refused",
    async run(context) {
      const { old } = await fences(context);
      const log = items(context.store);
      await log.append(item(1));
      await refuses(() => log.transact((draft) => draft.append(item(2)), { fence: old }), stale);
      await refuses(() => log.rewrite(() => [], { fence: old }), stale);
      deepEqual(await log.read(), [item(1)]);
    },
  },
  {
    promise: "D5",
    name: "a removal under an old lease is refused",
    async run(context) {
      const { old, current } = await fences(context);
      const document = counter(context.store);
      await document.write({ count: 1 });
      await refuses(() => document.remove({ fence: old }), stale);
      deepEqual(await document.read(), { count: 1 });
      equal(await document.remove({ fence: current }), true);
    },
  },
  {
    promise: "D5",
    name: "a transact under an old lease changes no member",
    needs: ["transact"],
    async run(context) {
      const { store } = context;
      const { old, current } = await fences(context);
      const members = { one: counter(store, "one.json"), two: counter(store, "two.json"), log: items(store) };
      const work = async (fence: Fence): Promise<unknown> =>
        store.transact(
          members,
          ({ one, two, log }) => {
            one.draft.count += 1;
            two.draft.count += 1;
            log.append(item("x"));
          },
          { fence },
        );
      await refuses(() => work(old), stale);
      deepEqual([await members.one.read(), await members.log.read()], [{ count: 0 }, []]);
      await work(current);
      deepEqual([await members.two.read(), await members.log.read()], [{ count: 1 }, [item("x")]]);
    },
  },
  {
    promise: "D5",
    name: "the highest token is remembered through a restart",
    async run(context) {
      const { old } = await fences(context);
      await context.store.close();
      const store = await context.open();
      await refuses(() => counter(store).write({ count: 9 }, { fence: old }), stale);
      await refuses(() => items(store).append(item(9), { fence: old }), stale);
    },
  },
  {
    promise: "D5",
    name: "the highest token is remembered though the leases and the document were removed",
    async run(context) {
      const { store } = context;
      const { old, current } = await fences(context);
      await counter(store).write({ count: 1 }, { fence: current });
      await counter(store).remove();
      await store.document({ name: "leases.json" }).remove();
      await refuses(() => counter(store).write({ count: 9 }, { fence: old }), stale);
    },
  },
  {
    promise: "D5",
    name: "a lease that its holder's clock has ended writes nothing, though nobody else has it",
    needs: ["jumpClock"],
    async run({ store, nemesis }) {
      const time = nemesis.jumpClock();
      const lease = await leases(store, { clock: time.clock, leaseMs: 5_000 }).acquire("job");
      await counter(store).write({ count: 1 }, { fence: lease.fence });
      time.pass(5_000);
      await refuses(() => counter(store).update(add, { fence: lease.fence }), "ERR_LEASE_LOST");
      deepEqual(await counter(store).read(), { count: 1 });
    },
  },
];
