import {
  deepEqual,
  equal,
  item,
  items,
  ok,
  refuses,
  take,
  turns,
  type Item,
  type StoreCase,
  collect,
  pending,
} from "../case.ts";
import type { Store, StoreLog } from "../core.ts";

function idempotent(store: Store): StoreLog<Item> {
  return store.log<Item>({ name: "items.jsonl", idOf: ({ id }) => (id.startsWith("free") ? undefined : id) });
}

/** G1 and G2. */
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
  {
    promise: "G2",
    name: "positions count from 0 without holes, and receipts tell them",
    async run({ store }) {
      const log = items(store);
      const one = await log.append(item("a"));
      const two = await log.appendMany([item("b"), item("c")]);
      const three = await log.append(item("d"));
      deepEqual(
        [one, two, three].map(({ position, nextPosition }) => [position, nextPosition]),
        [
          [0, 1],
          [1, 3],
          [3, 4],
        ],
      );
      const entries = await collect(log.entries());
      deepEqual(
        entries.map(({ position, record }) => [position, record.id]),
        [
          [0, "a"],
          [1, "b"],
          [2, "c"],
          [3, "d"],
        ],
      );
      deepEqual(JSON.parse(entries[0]?.text ?? ""), item("a"));
    },
  },
  {
    promise: "G2",
    name: "appends at the same time get positions of their own, and stand where they were told",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const calls = Array.from({ length: 30 }, async (_, at) => {
        const { position } = await items(stores[at % 2 === 0 ? 0 : 1]).append(item(at));
        return { position, id: `${at}` };
      });
      const told = await Promise.all(calls);
      const order = await items(store).read();
      equal(new Set(told.map(({ position }) => position)).size, 30);
      for (const { position, id } of told) equal(order[position]?.id, id);
    },
  },
  {
    promise: "G2",
    name: "all stores see one order",
    async run({ store, open }) {
      const other = await open();
      await Promise.all([
        ...Array.from({ length: 10 }, (_, at) => items(store).append(item(`a${at}`))),
        ...Array.from({ length: 10 }, (_, at) => items(other).append(item(`b${at}`))),
      ]);
      const order = await items(store).read();
      deepEqual(await items(other).read(), order);
      deepEqual(await items(await open()).read(), order);
      for (const prefix of ["a", "b"]) {
        const own = order.map(({ id }) => id).filter((id) => id.startsWith(prefix));
        deepEqual(
          own,
          Array.from({ length: 10 }, (_, at) => `${prefix}${at}`),
        );
      }
    },
  },
  {
    promise: "G2",
    name: "entries can be read from a position on",
    async run({ store }) {
      await items(store).appendMany([0, 1, 2, 3, 4].map(item));
      const from = async (position: number) =>
        (await collect(items(store).entries({ from: position }))).map((entry) => entry.position);
      deepEqual([await from(0), await from(3), await from(5)], [[0, 1, 2, 3, 4], [3, 4], []]);
    },
  },
  {
    promise: "G2",
    name: "a cursor applies each record once, in order, and only what is new",
    async run({ store, open }) {
      const cursor = items(store).cursor();
      const seen: string[] = [];
      const sink = { apply: ({ id }: Item) => void seen.push(id), reset: () => void (seen.length = 0) };
      await items(store).appendMany([item(0), item(1)]);
      equal((await cursor.advance(sink)).entries, 2);
      equal((await cursor.advance(sink)).entries, 0);
      await items(await open()).append(item(2));
      deepEqual(await cursor.advance(sink), { entries: 1, reset: false, position: 3 });
      deepEqual(seen, ["0", "1", "2"]);
    },
  },
  {
    promise: "G2",
    name: "after a rewrite positions start anew, and cursors begin again",
    async run({ store, open }) {
      const cursor = items(store).cursor();
      const seen: string[] = [];
      const sink = { apply: ({ id }: Item) => void seen.push(id), reset: () => void (seen.length = 0) };
      await items(store).appendMany([0, 1, 2, 3].map(item));
      await cursor.advance(sink);
      await items(await open()).rewrite((entries) => [...entries.slice(2), item("new")]);
      const { reset } = await cursor.advance(sink);
      equal(reset, true);
      deepEqual(seen, ["2", "3", "new"]);
      equal((await items(store).append(item("next"))).position, 3);
    },
  },
  {
    promise: "G2",
    name: "a decision sees every record before those it adds, and its tail is their position",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const takeTicket = (at: number) =>
        items(stores[at % 2 === 0 ? 0 : 1]).transact(async (draft) => {
          const number = (await draft.records()).length;
          equal(draft.tail, number);
          draft.append(item(number));
          return number;
        });
      const tickets = await Promise.all(Array.from({ length: 12 }, (_, at) => takeTicket(at)));
      deepEqual(
        tickets.map(({ value }) => value).toSorted((one, other) => one - other),
        Array.from({ length: 12 }, (_, at) => at),
      );
    },
  },
];

/** G3 and G4. */
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
  {
    promise: "G4",
    name: "who reads while others append sees a longer and longer beginning of one order",
    async run({ store, open }) {
      const reader = items(await open());
      let isOver = false;
      const all = Promise.all(Array.from({ length: 40 }, (_, at) => items(store).append(item(at))));
      const appending = pending(all.finally(() => (isOver = true)));
      const reads: (readonly Item[])[] = [];
      while (!isOver) {
        reads.push(await reader.read());
        await turns();
      }
      await appending;
      const order = await reader.read();
      let before = 0;
      for (const read of reads) {
        ok(read.length >= before);
        deepEqual(read, order.slice(0, read.length));
        before = read.length;
      }
    },
  },
  {
    promise: "G4",
    name: "a decision that takes long lets nobody's record stand where its own will",
    async run({ store, open }) {
      const other = await open();
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const slow = items(store).transact(async (draft) => {
        const { tail } = draft;
        begun.resolve();
        await end.promise;
        draft.append(item("slow"));
        return tail;
      });
      await begun.promise;
      const quick = items(other).append(item("quick"));
      await turns(3);
      deepEqual(await items(other).read(), []);
      end.resolve();
      const { position, value } = await slow;
      deepEqual([value, position, (await quick).position], [0, 0, 1]);
      deepEqual(await items(store).read(), [item("slow"), item("quick")]);
    },
  },
  {
    promise: "G4",
    name: "who follows sees every record once and in order, whoever appends it",
    needs: ["watch"],
    async run({ store, open }) {
      const other = await open();
      await items(store).append(item(0));
      const following = take(items(store).follow({ signal: AbortSignal.timeout(30_000) }), 21);
      for (let at = 1; at <= 20; at += 1) await items(at % 2 === 0 ? store : other).append(item(at));
      const seen = await following;
      deepEqual(
        seen.map(({ record }) => Number(record.id)),
        [...seen.keys()],
      );
      deepEqual(
        seen.map(({ position }) => position),
        [...seen.keys()],
      );
    },
  },
  {
    promise: "G4",
    name: "who follows while a process appends sees every record once and in order",
    needs: ["watch", "peer"],
    async run({ store, peer }) {
      const other = await peer();
      const appended = other.tell({ verb: "append", name: "items.jsonl", prefix: "", times: 25 });
      const seen = await take(items(store).follow({ signal: AbortSignal.timeout(30_000) }), 25);
      await appended;
      deepEqual(
        seen.map(({ record }) => Number(record.id)),
        [...seen.keys()],
      );
    },
  },
  {
    promise: "G4",
    name: "who follows from a position begins there, and ends without an error when told",
    needs: ["watch"],
    async run({ store }) {
      await items(store).appendMany([0, 1, 2, 3].map(item));
      const controller = new AbortController();
      const seen: number[] = [];
      for await (const { position } of items(store).follow({ from: 2, signal: controller.signal })) {
        seen.push(position);
        if (seen.length === 2) controller.abort();
      }
      deepEqual(seen, [2, 3]);
    },
  },
  {
    promise: "G4",
    name: "who follows is told of a rewrite, and sees all of it",
    needs: ["watch"],
    async run({ store, open }) {
      const other = await open();
      await items(store).appendMany([0, 1, 2].map(item));
      let resets = 0;
      const seen: string[] = [];
      const options = { signal: AbortSignal.timeout(30_000), onReset: () => void (resets += 1) };
      for await (const { record } of items(store).follow(options)) {
        seen.push(record.id);
        if (seen.length === 3) await items(other).rewrite(() => [item("x"), item("y")]);
        if (record.id === "y") break;
      }
      deepEqual([resets, seen], [1, ["0", "1", "2", "x", "y"]]);
    },
  },
];
