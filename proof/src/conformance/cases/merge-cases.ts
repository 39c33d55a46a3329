import { add, counter, deepEqual, refuses, type Count, type StoreCase } from "../case.ts";

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
