import { add, counter, deepEqual, equal, item, items, refuses, type StoreCase } from "../case.ts";

/** Nothing changes when nothing can be written. */
export const fullDiskCases: readonly StoreCase[] = [
  {
    promise: "errors",
    name: "when nothing can be written, changes of documents fail and the old value stands",
    needs: ["fillDisk"],
    async run({ store, nemesis }) {
      const document = counter(store);
      await document.write({ count: 1 });
      await nemesis.fillDisk(async () => {
        await refuses(() => document.update(add), "ERR_WRITE_FAILED");
        await refuses(() => document.write({ count: 5 }), "ERR_WRITE_FAILED");
        deepEqual(await document.read(), { count: 1 });
      });
      deepEqual((await document.update(add)).value, { count: 2 });
    },
  },
  {
    promise: "errors",
    name: "when nothing can be written, appends fail and the log stays as it was",
    needs: ["fillDisk"],
    async run({ store, nemesis }) {
      await items(store).append(item(1));
      await nemesis.fillDisk(async () => {
        await refuses(() => items(store).append(item(2)), "ERR_WRITE_FAILED");
        await refuses(() => items(store).appendMany([item(3), item(4)]), "ERR_WRITE_FAILED");
        deepEqual(await items(store).read(), [item(1)]);
      });
      equal((await items(store).append(item(5))).position, 1);
      deepEqual(await items(store).read(), [item(1), item(5)]);
    },
  },
  {
    promise: "errors",
    name: "when nothing can be written, a transact fails and no member changes",
    needs: ["fillDisk", "transact"],
    async run({ store, nemesis }) {
      const members = { count: counter(store), log: items(store) };
      const work = () =>
        store.transact(members, ({ count, log }) => {
          add(count.draft);
          log.append(item(1));
        });
      await counter(store).write({ count: 1 });
      await nemesis.fillDisk(() => refuses(work, "ERR_WRITE_FAILED"));
      deepEqual([await members.count.read(), await members.log.read()], [{ count: 1 }, []]);
      await work();
      deepEqual([await members.count.read(), await members.log.read()], [{ count: 2 }, [item(1)]]);
    },
  },
];
