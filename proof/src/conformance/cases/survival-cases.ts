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
  type Count,
  type StoreCase,
  pending,
} from "../case.ts";

interface Twins {
  one: number;
  two: number;
}

const twins = { name: "twins.json", defaults: (): Twins => ({ one: 0, two: 0 }) };

/** D3 and D4: what is acknowledged survives, and nobody sees half of it. */
export const survivalCases: readonly StoreCase[] = [
  {
    promise: "D3",
    name: "what was acknowledged is there after the store was closed and opened again",
    async run({ store, open }) {
      await counter(store).write({ count: 5 });
      await items(store).appendMany([item(1), item(2)]);
      await store.close();
      const again = await open();
      deepEqual(await counter(again).read(), { count: 5 });
      deepEqual(await items(again).read(), [item(1), item(2)]);
    },
  },
  {
    promise: "D3",
    name: "what was acknowledged is there though its writer was killed at once",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "add", name: "count.json", times: 3 });
      await other.tell({ verb: "append", name: "items.jsonl", prefix: "p", times: 3 });
      await nemesis.killHolder(other.program);
      deepEqual(await counter(store).read(), { count: 3 });
      deepEqual(await items(store).read(), [item("p0"), item("p1"), item("p2")]);
    },
  },
  {
    promise: "D3",
    name: "a change of a document is durable before it is acknowledged",
    needs: ["seeUnsynced"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await counter(store).write({ count: 1 });
        deepEqual(watch.now(), []);
        await counter(store).update(add);
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "an append is durable before it is acknowledged",
    needs: ["seeUnsynced"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await items(store).append(item(1));
        deepEqual(watch.now(), []);
        await Promise.all([items(store).append(item(2)), items(store).appendMany([item(3), item(4)])]);
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "a transact is durable before it is acknowledged",
    needs: ["seeUnsynced", "transact"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await store.transact({ count: counter(store), log: items(store) }, ({ count, log }) => {
          count.draft.count += 1;
          log.append(item(1));
        });
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "a receipt tells the durability that was asked for",
    async run({ store }) {
      for (const durability of store.capabilities.durability) {
        const document = store.document<Count>({ name: `${durability}.json`, durability });
        equal((await document.write({ count: 1 })).durability, durability);
        const log = store.log({ name: `${durability}.jsonl`, durability });
        equal((await log.append({ a: 1 })).durability, durability);
      }
    },
  },
  {
    promise: "D4",
    name: "who reads without a lock while others write sees whole values only",
    async run({ store, open }) {
      const reader = (await open()).document<Twins>(twins);
      let isOver = false;
      const writing = (async () => {
        for (let at = 0; at < 30; at += 1) {
          await store.document<Twins>(twins).update(async (draft) => {
            draft.one += 1;
            await turns();
            draft.two += 1;
          });
        }
        isOver = true;
      })();
      void pending(writing);
      while (!isOver) {
        const { one, two } = await reader.read();
        equal(one, two);
        await turns();
      }
      await writing;
      deepEqual(await reader.read(), { one: 30, two: 30 });
    },
  },
  {
    promise: "D4",
    name: "another process that reads while we write sees whole values only",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      const watching = other.tell({ verb: "watch twins", name: "twins.json" });
      const document = store.document<Twins>(twins);
      for (let at = 0; at < 100; at += 1)
        await document.update((draft) => {
          draft.one += 10;
          draft.two += 10;
        });
      ok("reads" in ((await watching) as object));
    },
  },
  {
    promise: "D4",
    name: "a recipe that throws leaves the old value, whatever it did to its draft",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const reason = new Error("no");
      const failing = (draft: Count): never => {
        draft.count = 99;
        throw reason;
      };
      equal(await refuses(() => counter(store).update(failing), "Error"), reason);
      deepEqual(await counter(store).readWithRevision(), { value: { count: 1 }, revision });
    },
  },
  {
    promise: "D4",
    name: "what is read is frozen, all through",
    async run({ store }) {
      const document = store.document<{ list: { n: number }[] }>({ name: "list.json" });
      await document.write({ list: [{ n: 1 }] });
      const value = await document.read();
      ok(Object.isFrozen(value) && Object.isFrozen(value.list) && Object.isFrozen(value.list[0]));
    },
  },
  {
    promise: "D4",
    name: "changing a value after it was given away changes nothing that is stored",
    async run({ store }) {
      const document = store.document<{ list: number[] }>({ name: "list.json" });
      const value = { list: [1] };
      await document.write(value);
      value.list.push(2);
      deepEqual(await document.read(), { list: [1] });
      const record = { id: "1" };
      await items(store).append(record);
      record.id = "changed";
      deepEqual(await items(store).read(), [item(1)]);
    },
  },
  {
    promise: "D4",
    name: "a draft that escapes its recipe is of no effect",
    async run({ store }) {
      let escaped: Count | undefined;
      await counter(store).update((draft) => {
        draft.count = 1;
        escaped = draft;
      });
      try {
        if (escaped !== undefined) escaped.count = 99;
      } catch {
        // Refusing is as good.
      }
      deepEqual(await counter(store).read(), { count: 1 });
    },
  },
];
