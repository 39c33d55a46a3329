import { absentRevision } from "../core.ts";
import { add, counter, deepEqual, equal, ok, refuses, take, type StoreCase } from "../case.ts";

const conflict = "ERR_REVISION_CONFLICT";

/** D2. */
export const revisionCases: readonly StoreCase[] = [
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
    name: "watching and reading tell the same revisions as changing does",
    needs: ["watch"],
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const [first] = await take(counter(store).watch({ signal: AbortSignal.timeout(30_000) }), 1);
      equal(first?.revision, revision);
    },
  },
];
