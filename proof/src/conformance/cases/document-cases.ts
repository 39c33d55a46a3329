import { absentRevision } from "../core.ts";
import {
  add,
  counter,
  deepEqual,
  equal,
  ok,
  refuses,
  take,
  turns,
  type Count,
  type StoreCase,
  pending,
} from "../case.ts";

const conflict = "ERR_REVISION_CONFLICT";

/** D1 and D2. */
export const documentCases: readonly StoreCase[] = [
  {
    promise: "D1",
    name: "what was written is read by every handle and every store",
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 5 });
      deepEqual(await counter(store).read(), { count: 5 });
      deepEqual(await counter(other).read(), { count: 5 });
      deepEqual(await counter(other).readLocked(), { count: 5 });
    },
  },
  {
    promise: "D1",
    name: "changes of many callers add up",
    async run({ store }) {
      await Promise.all(Array.from({ length: 40 }, () => counter(store).update(add)));
      deepEqual(await counter(store).read(), { count: 40 });
    },
  },
  {
    promise: "D1",
    name: "changes with slow recipes add up",
    async run({ store }) {
      const slow = async (draft: Count): Promise<void> => {
        const { count } = draft;
        await turns(3);
        draft.count = count + 1;
      };
      await Promise.all(Array.from({ length: 10 }, () => counter(store).update(slow)));
      deepEqual(await counter(store).read(), { count: 10 });
    },
  },
  {
    promise: "D1",
    name: "changes of two stores on the same data add up",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      await Promise.all(
        Array.from({ length: 40 }, (_, at) => counter(stores[at % 2 === 0 ? 0 : 1]).update(add)),
      );
      deepEqual(await counter(store).read(), { count: 40 });
    },
  },
  {
    promise: "D1",
    name: "changes of two processes and ours add up",
    needs: ["peer"],
    async run({ store, peer }) {
      const others = [await peer(), await peer()];
      const theirs = others.map((other) => other.tell({ verb: "add", name: "count.json", times: 15 }));
      const ours = Array.from({ length: 15 }, () => counter(store).update(add));
      deepEqual((await Promise.all([...theirs, ...ours])).slice(0, 2), ["added", "added"]);
      deepEqual(await counter(store).read(), { count: 45 });
    },
  },
  {
    promise: "D1",
    name: "a handle that has read sees what another store wrote since, each time",
    async run({ store, open }) {
      const other = await open();
      const [mine, theirs] = [counter(store), counter(other)];
      for (let count = 1; count <= 20; count += 1) {
        await theirs.write({ count }, {});
        deepEqual(await mine.read(), { count });
        deepEqual((await mine.readWithRevision()).value, { count });
      }
    },
  },
  {
    promise: "D1",
    name: "a handle that has read sees what another process wrote since",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      for (let count = 1; count <= 5; count += 1) {
        await other.tell({ verb: "add", name: "count.json", times: 1 });
        deepEqual(await counter(store).read(), { count });
        deepEqual(await other.tell({ verb: "read", name: "count.json" }), { count });
      }
    },
  },
  {
    promise: "D1",
    name: "a recipe sees what another store wrote a moment ago",
    async run({ store, open }) {
      const other = await open();
      await counter(store).update(add);
      await counter(other).update(add);
      const { value } = await counter(store).update(add);
      deepEqual(value, { count: 3 });
    },
  },
  {
    promise: "D1",
    name: "documents of two names do not know of each other",
    async run({ store }) {
      await Promise.all([
        counter(store, "a/x.json").write({ count: 1 }),
        counter(store, "b/x.json").write({ count: 2 }),
      ]);
      deepEqual(await counter(store, "a/x.json").read(), { count: 1 });
    },
  },
  {
    promise: "D1",
    name: "a document that was removed is missing for everybody, and can be made again",
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 5 });
      await counter(other).read();
      equal(await counter(store).remove(), true);
      equal(await counter(store).remove(), false);
      deepEqual(await counter(other).read(), { count: 0 });
      equal((await counter(other).readWithRevision()).revision, absentRevision);
      deepEqual((await counter(other).update(add)).value, { count: 1 });
    },
  },
  {
    promise: "D1",
    name: "a watch yields the value now, and ends in the last one whoever wrote it",
    needs: ["watch"],
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 1 });
      const seen: number[] = [];
      for await (const { value } of counter(store).watch({
        signal: AbortSignal.timeout(30_000),
        pollMs: 20,
      })) {
        if (seen.length === 0) for (let at = 0; at < 9; at += 1) await counter(other).update(add);
        seen.push(value.count);
        if (value.count === 10) break;
      }
      equal(seen[0], 1);
      equal(seen.at(-1), 10);
      deepEqual(
        seen,
        [...new Set(seen)].toSorted((one, two) => one - two),
      );
    },
  },
  {
    promise: "D1",
    name: "a watch from a revision yields nothing until there is another",
    needs: ["watch"],
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const watch = counter(store).watch({ from: revision, signal: AbortSignal.timeout(30_000), pollMs: 20 });
      const first = pending(watch.next());
      await turns(3);
      await counter(store).update(add);
      deepEqual((await first).value?.value, { count: 2 });
      await watch.return?.();
    },
  },
  {
    promise: "D1",
    name: "a watch ends without an error when its signal aborts",
    needs: ["watch"],
    async run({ store }) {
      await counter(store).write({ count: 1 });
      const controller = new AbortController();
      const watch = counter(store).watch({ signal: controller.signal });
      await watch.next();
      const next = pending(watch.next());
      controller.abort();
      equal((await next).done, true);
    },
  },
  {
    promise: "D2",
    name: "a change at the expected revision succeeds and gives the next one",
    async run({ store }) {
      const first = await counter(store).write({ count: 1 });
      const { revision } = await counter(store).update(add, { expectedRevision: first.revision });
      ok(revision !== first.revision);
      deepEqual(await counter(store).readWithRevision(), { value: { count: 2 }, revision });
    },
  },
  {
    promise: "D2",
    name: "an update at an old revision is refused and changes nothing",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      await counter(store).update(add);
      let ran = false;
      const late = (): void => void (ran = true);
      await refuses(() => counter(store).update(late, { expectedRevision: revision }), conflict);
      equal(ran, false);
      deepEqual(await counter(store).read(), { count: 2 });
    },
  },
  {
    promise: "D2",
    name: "a write at an old revision is refused and changes nothing",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      await counter(store).update(add);
      await refuses(() => counter(store).write({ count: 9 }, { expectedRevision: revision }), conflict);
      deepEqual(await counter(store).read(), { count: 2 });
    },
  },
  {
    promise: "D2",
    name: "of many changes that expect one revision, exactly one succeeds",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const { revision } = await counter(store).write({ count: 1 });
      const changes = Array.from({ length: 12 }, (_, at) =>
        counter(stores[at % 2 === 0 ? 0 : 1]).update(add, { expectedRevision: revision }),
      );
      const settled = await Promise.allSettled(changes);
      equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
      deepEqual(await counter(store).read(), { count: 2 });
    },
  },
  {
    promise: "D2",
    name: "expecting that it is absent makes a document only if nobody has",
    async run({ store }) {
      const fresh = { expectedRevision: absentRevision };
      await counter(store).write({ count: 1 }, fresh);
      await refuses(() => counter(store).write({ count: 2 }, fresh), conflict);
      await refuses(() => counter(store).update(add, fresh), conflict);
      deepEqual(await counter(store).read(), { count: 1 });
    },
  },
  {
    promise: "D2",
    name: "expecting a revision of what is missing is refused",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      await counter(store).remove();
      await refuses(() => counter(store).write({ count: 2 }, { expectedRevision: revision }), conflict);
      deepEqual(await counter(store).read(), { count: 0 });
    },
  },
  {
    promise: "D2",
    name: "different values have different revisions, and reading tells the one that belongs to the value",
    async run({ store }) {
      const seen = new Map<string, number>();
      for (let count = 1; count <= 30; count += 1) {
        const { revision } = await counter(store).update(add);
        ok(!seen.has(revision), `revision ${revision} is that of ${seen.get(revision)} and of ${count}`);
        seen.set(revision, count);
        const snapshot = await counter(store).readWithRevision();
        deepEqual(snapshot, { value: { count }, revision });
      }
    },
  },
  {
    promise: "D2",
    name: "a change that changes nothing says so and keeps the revision",
    async run({ store }) {
      const first = await counter(store).write({ count: 1 });
      const second = await counter(store).update(() => undefined);
      const third = await counter(store).write({ count: 1 });
      deepEqual([first.changed, second.changed, third.changed], [true, false, false]);
      deepEqual([second.revision, third.revision], [first.revision, first.revision]);
    },
  },
  {
    promise: "D2",
    name: "a removal at an old revision is refused",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const now = await counter(store).update(add);
      await refuses(() => counter(store).remove({ expectedRevision: revision }), conflict);
      deepEqual(await counter(store).read(), { count: 2 });
      equal(await counter(store).remove({ expectedRevision: now.revision }), true);
    },
  },
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
  {
    promise: "D2",
    name: "watching and reading tell the same revisions as changing does",
    needs: ["watch"],
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const [first] = await take(counter(store).watch({ signal: AbortSignal.timeout(30_000) }), 1);
      equal(first?.revision, revision);
    },
  },
];
