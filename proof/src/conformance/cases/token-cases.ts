import { leases } from "../core.ts";
import { add, counter, deepEqual, equal, item, items, refuses, type StoreCase } from "../case.ts";

const stale = "ERR_STALE_FENCING_TOKEN";

/** D5, of tokens whatever granted them. */
export const tokenCases: readonly StoreCase[] = [
  {
    promise: "D5",
    name: "a token shown with one document counts for all of the store, and for other stores on the data",
    async run({ store, open }) {
      await counter(store, "one.json").write({ count: 1 }, { fence: { name: "lease", token: "7" } });
      const other = await open();
      const old = { name: "lease", token: "6" };
      await refuses(() => counter(other, "two.json").write({ count: 2 }, { fence: old }), stale);
      await refuses(() => items(other).append(item(1), { fence: old }), stale);
    },
  },
  {
    promise: "D5",
    name: "tokens are compared as numbers of any size",
    async run({ store }) {
      const document = counter(store);
      const big = "100000000000000000000000000000";
      await document.write({ count: 1 }, { fence: { name: "lease", token: "9" } });
      await document.write({ count: 2 }, { fence: { name: "lease", token: big } });
      const below = { name: "lease", token: "99999999999999999999999999999" };
      await refuses(() => document.write({ count: 3 }, { fence: below }), stale);
      deepEqual(await document.read(), { count: 2 });
    },
  },
  {
    promise: "D5",
    name: "no token that a write shows, however high, keeps the lease from being granted and used",
    async run({ store }) {
      const document = counter(store);
      const write = (token: string): Promise<unknown> =>
        document.update(add, { fence: { name: "lease", token } });
      for (const digits of [38, 37, 31]) await refuses(() => write("9".repeat(digits)), "RangeError");
      await write("9".repeat(30));
      for (let round = 0; round < 3; round += 1) {
        const lease = await leases(store).acquire("lease");
        await document.update(add, { fence: lease.fence });
        await write(lease.token);
        await lease.release();
      }
      await refuses(() => write("9".repeat(38)), "RangeError");
      deepEqual(await document.read(), { count: 7 });
    },
  },
  {
    promise: "D5",
    name: "leases of two names do not know of each other",
    async run({ store }) {
      const document = counter(store);
      await document.write({ count: 1 }, { fence: { name: "one", token: "100" } });
      await document.write({ count: 2 }, { fence: { name: "two", token: "1" } });
      deepEqual(await document.read(), { count: 2 });
    },
  },
  {
    promise: "D5",
    name: "of many writers with their tokens, no late one gets through",
    async run({ store }) {
      const log = items(store);
      const tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8];
      const written = await Promise.allSettled(
        tokens.map((token) => log.append(item(token), { fence: { name: "lease", token: `${token}` } })),
      );
      const order = (await log.read()).map(({ id }) => Number(id));
      deepEqual(
        order,
        order.toSorted((one, other) => one - other),
      );
      equal(order.length, written.filter(({ status }) => status === "fulfilled").length);
    },
  },
  {
    promise: "D5",
    name: "a fence that is none is a mistake that is named",
    async run({ store }) {
      const fence = { name: "lease", token: "seven" };
      await refuses(() => counter(store).write({ count: 1 }, { fence }), "TypeError");
      deepEqual(await counter(store).read(), { count: 0 });
    },
  },
];
