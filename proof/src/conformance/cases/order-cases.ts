import { deepEqual, equal, item, items, type Item, type StoreCase, collect } from "../case.ts";

/** G2. */
export const orderCases: readonly StoreCase[] = [
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
