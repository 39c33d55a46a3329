import { absentRevision } from "../core.ts";
import { add, counter, deepEqual, equal, turns, type Count, type StoreCase, pending } from "../case.ts";

/** D1. */
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
];
