import { add, counter, deepEqual, equal, refuses, turns, type Count, type StoreCase } from "../case.ts";

const conflict = "ERR_REVISION_CONFLICT";

/** D2, where nobody names a revision: what a handle has not seen is not overwritten. */
export const mergeCases: readonly StoreCase[] = [
  {
    promise: "D2",
    name: "a write over what somebody wrote since this handle read is refused",
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 1 });
      const mine = counter(store);
      await mine.read();
      await counter(other).write({ count: 2 });
      await refuses(() => mine.write({ count: 9 }), conflict);
      deepEqual(await counter(store).read(), { count: 2 });
      await mine.read();
      await mine.write({ count: 9 });
    },
  },
  {
    promise: "D2",
    name: "a handle that removed the document may write it anew, and not over what somebody made since",
    async run({ store, open }) {
      const other = await open();
      for (const spec of [{ name: "bare.json" }, { name: "count.json", defaults: () => ({ count: 0 }) }]) {
        const mine = store.document<Count>(spec);
        await mine.write({ count: 1 });
        equal(await mine.remove(), true);
        await mine.write({ count: 2 });
        equal(await mine.remove(), true);
        equal(await mine.remove(), false);
        await other.document<Count>(spec).write({ count: 3 });
        await refuses(() => mine.write({ count: 4 }), conflict);
        deepEqual(await mine.read(), { count: 3 });
      }
    },
  },
  {
    promise: "D2",
    name: "a handle's own changes follow one another, though nobody waits for each",
    async run({ store }) {
      const mine = counter(store);
      await mine.write({ count: 1 });
      await Promise.all([mine.update(add), mine.write({ count: 5 }), mine.update(add), mine.update(add)]);
      deepEqual(await mine.read(), { count: 7 });
      const replaced = mine.update(() => ({ count: 20 }));
      const slow = mine.update(async (draft) => {
        await turns(2);
        add(draft);
      });
      await Promise.all([replaced, slow, mine.write({ count: 30 })]);
      deepEqual(await mine.read(), { count: 30 });
      const { promise: changed, resolve } = Promise.withResolvers<void>();
      const late = changed.then(() => mine.write({ count: 50 }));
      await mine.update((draft) => {
        add(draft);
        resolve();
      });
      await late;
      deepEqual(await mine.read(), { count: 50 });
    },
  },
  {
    promise: "D2",
    name: "an own update that nobody waited for hides no change of others from the write after it",
    async run({ store, open }) {
      const mine = store.document<Count & { theirs?: number }>({ name: "count.json" });
      await mine.write({ count: 1 });
      await counter(await open()).update((draft) => void Object.assign(draft, { theirs: 1 }));
      const updated = mine.update(add);
      await refuses(() => mine.write({ count: 9 }), conflict);
      await updated;
      deepEqual(await mine.read(), { count: 2, theirs: 1 });
    },
  },
  {
    promise: "D2",
    name: "a spec that says overwrite lets the last writer win",
    async run({ store, open }) {
      const other = await open();
      const mine = store.document<Count>({ name: "count.json", merge: "overwrite" });
      await mine.write({ count: 1 });
      await counter(other).update(add);
      await mine.write({ count: 9 });
      deepEqual(await counter(other).read(), { count: 9 });
    },
  },
  {
    promise: "D2",
    name: "a spec that says fields merges what two changed apart",
    needs: ["merge"],
    async run({ store, open }) {
      interface Two {
        readonly a: number;
        readonly b: number;
        readonly list: readonly { readonly id: string; readonly n: number }[];
      }
      const spec = { name: "two.json", merge: "fields" } as const;
      const [mine, theirs] = [store.document<Two>(spec), (await open()).document<Two>(spec)];
      const first: Two = {
        a: 1,
        b: 1,
        list: [
          { id: "x", n: 1 },
          { id: "y", n: 1 },
        ],
      };
      await mine.write(first);
      await theirs.read();
      await theirs.write({
        ...first,
        b: 2,
        list: [
          { id: "x", n: 1 },
          { id: "y", n: 2 },
        ],
      });
      await mine.write({
        ...first,
        a: 2,
        list: [
          { id: "x", n: 2 },
          { id: "y", n: 1 },
        ],
      });
      deepEqual(await theirs.read(), {
        a: 2,
        b: 2,
        list: [
          { id: "x", n: 2 },
          { id: "y", n: 2 },
        ],
      });
    },
  },
  {
    promise: "D2",
    name: "a merge by fields refuses what both changed",
    needs: ["merge"],
    async run({ store, open }) {
      const spec = { name: "count.json", merge: "fields" } as const;
      const [mine, theirs] = [store.document<Count>(spec), (await open()).document<Count>(spec)];
      await mine.write({ count: 1 });
      await theirs.update((draft) => void (draft.count = 2));
      await refuses(() => mine.write({ count: 3 }), conflict);
      deepEqual(await theirs.read(), { count: 2 });
    },
  },
];
