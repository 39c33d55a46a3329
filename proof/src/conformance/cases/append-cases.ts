import { deepEqual, equal, item, items, type Item, type StoreCase } from "../case.ts";
import type { Store, StoreLog } from "../core.ts";

function idempotent(store: Store): StoreLog<Item> {
  return store.log<Item>({ name: "items.jsonl", idOf: ({ id }) => (id.startsWith("free") ? undefined : id) });
}

/** G3. */
export const appendCases: readonly StoreCase[] = [
  {
    promise: "G3",
    name: "every acknowledged record of many callers is there once",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      await Promise.all(
        Array.from({ length: 100 }, (_, at) => items(stores[at % 2 === 0 ? 0 : 1]).append(item(at))),
      );
      const ids = (await items(await open()).read()).map(({ id }) => Number(id));
      deepEqual(
        ids.toSorted((one, other) => one - other),
        [...ids.keys()],
      );
      equal(ids.length, 100);
    },
  },
  {
    promise: "G3",
    name: "every acknowledged record of several processes is there once, each writer's in its order",
    needs: ["peer"],
    async run({ store, peer }) {
      const others = [await peer(), await peer()];
      const theirs = others.map((other, at) =>
        other.tell({ verb: "append", name: "items.jsonl", prefix: `p${at}-`, times: 15 }),
      );
      await Promise.all([
        ...theirs,
        ...Array.from({ length: 15 }, (_, at) => items(store).append(item(`p2-${at}`))),
      ]);
      const ids = (await items(store).read()).map(({ id }) => id);
      equal(ids.length, 45);
      for (const prefix of ["p0-", "p1-", "p2-"]) {
        const own = ids.filter((id) => id.startsWith(prefix));
        deepEqual(
          own,
          Array.from({ length: 15 }, (_, at) => `${prefix}${at}`),
        );
      }
    },
  },
  {
    promise: "G3",
    name: "a record whose id the log holds is not appended again, and the receipt says so",
    async run({ store }) {
      const log = idempotent(store);
      await log.append(item("a"));
      const again = await log.appendMany([item("b"), item("a"), item("c")]);
      deepEqual([again.duplicates, again.position, again.nextPosition], [[1], 1, 3]);
      const only = await log.append(item("a"));
      deepEqual([only.changed, only.duplicates], [false, [0]]);
      deepEqual(await log.read(), [item("a"), item("b"), item("c")]);
    },
  },
  {
    promise: "G3",
    name: "an id that comes twice in one batch is appended once",
    async run({ store }) {
      const { duplicates } = await idempotent(store).appendMany([item("a"), item("b"), item("a")]);
      deepEqual(duplicates, [2]);
      deepEqual(await idempotent(store).read(), [item("a"), item("b")]);
    },
  },
  {
    promise: "G3",
    name: "ids are remembered through a restart, and are those of all stores",
    async run({ store, open }) {
      await idempotent(store).append(item("a"));
      const other = await open();
      deepEqual((await idempotent(other).append(item("a"))).duplicates, [0]);
      await idempotent(other).append(item("b"));
      deepEqual((await idempotent(store).append(item("b"))).duplicates, [0]);
      await store.close();
      deepEqual((await idempotent(await open()).append(item("b"))).duplicates, [0]);
    },
  },
  {
    promise: "G3",
    name: "of many that append one id at the same time, one does",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const calls = Array.from({ length: 20 }, (_, at) =>
        idempotent(stores[at % 2 === 0 ? 0 : 1]).append(item("a")),
      );
      const receipts = await Promise.all(calls);
      equal(receipts.filter(({ duplicates }) => duplicates.length === 0).length, 1);
      equal((await idempotent(store).read()).length, 1);
    },
  },
  {
    promise: "G3",
    name: "records without an id are always appended",
    async run({ store }) {
      await idempotent(store).appendMany([item("free"), item("free"), item("a")]);
      equal((await idempotent(store).read()).length, 3);
    },
  },
];
