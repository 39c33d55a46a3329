import {
  add,
  counter,
  deepEqual,
  equal,
  item,
  items,
  ok,
  refuses,
  turns,
  type StoreCase,
  pending,
} from "../case.ts";

const soon = { timeoutMs: 20 } as const;

/** L1, of locks that are held for a moment. */
export const exclusionCases: readonly StoreCase[] = [
  {
    promise: "L1",
    name: "an exclusive hold keeps a second one out",
    async run({ store }) {
      const hold = await store.lock("a").acquire("exclusive");
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await hold.release();
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "an exclusive hold keeps readers out",
    needs: ["sharedLocks"],
    async run({ store }) {
      await store.lock("a").acquire("exclusive");
      equal(await store.lock("a").tryAcquire("shared"), undefined);
    },
  },
  {
    promise: "L1",
    name: "readers hold a lock side by side, and keep a writer out",
    needs: ["sharedLocks"],
    async run({ store }) {
      const [one, two] = [
        await store.lock("a").acquire("shared"),
        await store.lock("a").tryAcquire("shared"),
      ];
      ok(two);
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await one.release();
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await two.release();
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "a second store on the same data has the same locks",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("a").acquire("exclusive");
      equal(await other.lock("a").tryAcquire("exclusive"), undefined);
      await hold.release();
      ok(await other.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "sections of one process never overlap",
    async run({ store }) {
      let inside = 0;
      let most = 0;
      const section = async (): Promise<void> => {
        most = Math.max(most, (inside += 1));
        await turns(2);
        inside -= 1;
      };
      await Promise.all(Array.from({ length: 20 }, () => store.lock("a").withWrite(section)));
      equal(most, 1);
    },
  },
  {
    promise: "L1",
    name: "sections of two stores never overlap",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      let inside = 0;
      const section = async (): Promise<void> => {
        equal((inside += 1), 1);
        await turns(2);
        inside -= 1;
      };
      const calls = Array.from({ length: 20 }, (_, at) =>
        stores[at % 2 === 0 ? 0 : 1].lock("a").withWrite(section),
      );
      await Promise.all(calls);
    },
  },
  {
    promise: "L1",
    name: "a lock held by another process keeps us out until it lets go",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      equal(await other.tell({ verb: "acquire", name: "a" }), "acquired");
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await refuses(() => store.lock("a").acquire("exclusive", soon), "ERR_LOCK_TIMEOUT");
      const waiting = pending(store.lock("a").acquire("exclusive"));
      await other.tell({ verb: "release", name: "a" });
      ok((await waiting).held);
    },
  },
  {
    promise: "L1",
    name: "a lock held here keeps another process out until it is released",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      const hold = await store.lock("a").acquire("exclusive");
      equal(await other.tell({ verb: "try", name: "a" }), "busy");
      await hold.release();
      equal(await other.tell({ verb: "try", name: "a" }), "granted");
    },
  },
  {
    promise: "L1",
    name: "locks of two names are independent",
    async run({ store }) {
      await store.lock("a").acquire("exclusive");
      ok(await store.lock("b").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "holding the lock of a document's name keeps its changes out",
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 1 });
      const hold = await store.lock("count.json").acquire("exclusive");
      await refuses(() => counter(other).update(add, soon), "ERR_LOCK_TIMEOUT");
      await hold.release();
      deepEqual(await counter(store).read(), { count: 1 });
      await counter(other).update(add);
    },
  },
  {
    promise: "L1",
    name: "holding the lock of a log's name keeps appends out",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("items.jsonl").acquire("exclusive");
      await refuses(() => items(other).append(item(1), soon), "ERR_LOCK_TIMEOUT");
      await hold.release();
      equal((await items(other).append(item(2))).position, 0);
    },
  },
  {
    promise: "L1",
    name: "inspecting tells whether a lock is held and how, and takes nothing",
    async run({ store }) {
      equal((await store.lock("a").inspect()).held, false);
      const hold = await store.lock("a").acquire("exclusive");
      const { held, mode } = await store.lock("a").inspect();
      deepEqual({ held, mode }, { held: true, mode: "exclusive" });
      await hold.release();
      equal((await store.lock("a").inspect()).held, false);
    },
  },
];
