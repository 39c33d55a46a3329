import { deepEqual, equal, item, items, ok, refuses, turns, type StoreCase, pending } from "../case.ts";

/** G1. */
export const batchCases: readonly StoreCase[] = [
  {
    promise: "G1",
    name: "a batch with a record that may not be stored appends nothing, and names the record",
    async run({ store }) {
      const log = store.log<unknown>({ name: "any.jsonl" });
      await log.append({ id: "0" });
      const bad = [{ id: "1" }, { id: Number.NaN }, { id: "3" }];
      const error = await refuses(() => log.appendMany(bad), "ERR_RECORD_INVALID");
      equal("index" in error && error.index, 1);
      deepEqual(await log.read(), [{ id: "0" }]);
    },
  },
  {
    promise: "G1",
    name: "who reads while a batch is appended sees all of it or nothing",
    async run({ store, open }) {
      const reader = items(await open());
      for (let round = 1; round <= 5; round += 1) {
        const batch = Array.from({ length: 40 }, (_, at) => item(`${round}.${at}`));
        let isOver = false;
        const appending = pending(
          items(store)
            .appendMany(batch)
            .finally(() => (isOver = true)),
        );
        while (!isOver) {
          equal((await reader.read()).length % 40, 0);
          await turns();
        }
        await appending;
      }
      equal((await reader.read()).length, 200);
    },
  },
  {
    promise: "G1",
    name: "an append to one log while a batch goes in never lands inside it",
    async run({ store, open }) {
      const other = items(await open());
      const batches = Array.from({ length: 6 }, (_, round) =>
        items(store).appendMany(Array.from({ length: 10 }, (__, at) => item(`${round}.${at}`))),
      );
      const singles = Array.from({ length: 12 }, (_, at) => other.append(item(`single${at}`)));
      await Promise.all([...batches, ...singles]);
      const order = (await other.read()).map(({ id }) => id);
      for (let round = 0; round < 6; round += 1) {
        const first = order.indexOf(`${round}.0`);
        deepEqual(
          order.slice(first, first + 10),
          Array.from({ length: 10 }, (_, at) => `${round}.${at}`),
        );
      }
    },
  },
  {
    promise: "G1",
    name: "a decision that throws appends nothing of what it added",
    async run({ store }) {
      const reason = new Error("no");
      const failing = items(store).transact((draft) => {
        draft.append(item(1), item(2));
        throw reason;
      });
      equal(await refuses(() => failing, "Error"), reason);
      deepEqual(await items(store).read(), []);
    },
  },
  {
    promise: "G1",
    name: "appending no records changes nothing and says so",
    async run({ store }) {
      await items(store).append(item(1));
      const { changed, position, nextPosition } = await items(store).appendMany([]);
      deepEqual({ changed, position, nextPosition }, { changed: false, position: 1, nextPosition: 1 });
    },
  },
  {
    promise: "G1",
    name: "a rewrite is seen as a whole or not at all",
    async run({ store, open }) {
      const reader = items(await open());
      await items(store).appendMany(Array.from({ length: 50 }, (_, at) => item(at)));
      let isOver = false;
      const everySecond = items(store).rewrite((entries) => entries.filter((_, at) => at % 2 === 0));
      const rewriting = pending(everySecond.finally(() => (isOver = true)));
      while (!isOver) {
        ok([50, 25].includes((await reader.read()).length));
        await turns();
      }
      await rewriting;
      equal((await reader.read()).length, 25);
    },
  },
  {
    promise: "G1",
    name: "an append that expects another tail is refused and appends nothing",
    async run({ store }) {
      await items(store).append(item(1), { expectedTail: 0 });
      await refuses(() => items(store).append(item(2), { expectedTail: 0 }), "ERR_REVISION_CONFLICT");
      await refuses(() => items(store).appendMany([item(3)], { expectedTail: 2 }), "ERR_REVISION_CONFLICT");
      await items(store).append(item(4), { expectedTail: 1 });
      deepEqual(await items(store).read(), [item(1), item(4)]);
    },
  },
  {
    promise: "G1",
    name: "of many appends that expect one tail, exactly one succeeds",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const calls = Array.from({ length: 10 }, (_, at) =>
        items(stores[at % 2 === 0 ? 0 : 1]).append(item(at), { expectedTail: 0 }),
      );
      const settled = await Promise.allSettled(calls);
      equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
      equal((await items(store).read()).length, 1);
    },
  },
];
