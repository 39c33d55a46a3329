import { counter, deepEqual, equal, item, ok, refuses, type StoreCase } from "../case.ts";

const tooLarge = "ERR_TOO_LARGE";

/** D7: limits hold before anything is written. */
export const limitCases: readonly StoreCase[] = [
  {
    promise: "D7",
    name: "a document that is larger than a handle accepts can be removed by it",
    async run({ store }) {
      await store.document({ name: "x.json" }).write({ text: "x".repeat(1_000) });
      const small = store.document({ name: "x.json", maxBytes: 10 });
      equal(await small.remove(), true);
      equal(await small.remove(), false);
    },
  },
  {
    promise: "D7",
    name: "a value larger than maxBytes is refused, and the old one stands",
    async run({ store }) {
      const document = store.document<{ text: string }>({ name: "text.json", maxBytes: 100 });
      await document.write({ text: "small" });
      await refuses(() => document.write({ text: "x".repeat(200) }), tooLarge);
      await refuses(() => document.update((draft) => void (draft.text = "x".repeat(200))), tooLarge);
      deepEqual(await document.read(), { text: "small" });
    },
  },
  {
    promise: "D7",
    name: "sizes count in bytes, not in characters",
    async run({ store }) {
      const document = store.document<{ text: string }>({ name: "text.json", maxBytes: 100 });
      await refuses(() => document.write({ text: "漢".repeat(40) }), tooLarge);
      await document.write({ text: "x".repeat(40) });
    },
  },
  {
    promise: "D7",
    name: "a value nested deeper than maxDepth is refused, and the old one stands",
    async run({ store }) {
      const document = store.document<unknown>({ name: "deep.json", maxDepth: 5 });
      await document.write({ a: { b: 1 } });
      await refuses(() => document.write({ a: { b: { c: { d: { e: { f: 1 } } } } } }), tooLarge);
      deepEqual(await document.read(), { a: { b: 1 } });
    },
  },
  {
    promise: "D7",
    name: "a reader with a smaller limit refuses what is larger",
    async run({ store }) {
      await store.document({ name: "text.json" }).write({ text: "x".repeat(200) });
      await refuses(() => store.document({ name: "text.json", maxBytes: 100 }).read(), tooLarge);
    },
  },
  {
    promise: "D7",
    name: "a record longer than maxLineBytes is refused, and nothing of its batch is appended",
    async run({ store }) {
      const log = store.log<{ id: string }>({ name: "items.jsonl", maxLineBytes: 50 });
      await log.append(item("a"));
      await refuses(() => log.appendMany([item("b"), item("x".repeat(100)), item("c")]), tooLarge);
      deepEqual(await log.read(), [item("a")]);
    },
  },
  {
    promise: "D7",
    name: "a record nested deeper than maxDepth is refused",
    async run({ store }) {
      const log = store.log<unknown>({ name: "deep.jsonl", maxDepth: 4 });
      await log.append({ a: 1 });
      const refused = await log.append({ a: { b: { c: { d: { e: 1 } } } } }).catch((error: unknown) => error);
      // Said either way: as too large, or as a record that may not be stored.
      ok(["ERR_TOO_LARGE", "ERR_RECORD_INVALID"].includes((refused as { code: string }).code));
      equal((await log.read()).length, 1);
    },
  },
  {
    promise: "D7",
    name: "a member beyond its limit fails a transact as a whole",
    needs: ["transact"],
    async run({ store }) {
      const text = store.document({ name: "text.json", maxBytes: 100, defaults: () => ({ text: "" }) });
      const members = { count: counter(store), text };
      const work = store.transact(members, (tx) => {
        tx.count.draft.count = 1;
        tx.text.draft.text = "x".repeat(200);
      });
      await refuses(() => work, tooLarge);
      deepEqual([await counter(store).read(), await text.read()], [{ count: 0 }, { text: "" }]);
    },
  },
];
