import { add, counter, deepEqual, equal, refuses, type StoreCase } from "../case.ts";

const awkward: readonly (readonly [string, unknown])[] = [
  ["nothing and empty things", { null: null, object: {}, list: [], text: "" }],
  ["numbers", [0, 0.1, -1.5e-9, 123456789012345, 9007199254740991, 5e-324]],
  [
    "text with every kind of character",
    ['"\\/\b\f\n\r\t', "\u0000\u001f\u007f", "é漢🎉", "\u2028\u2029", "<!-- -->"],
  ],
  ["odd keys", { "": 1, " ": 2, "a.b": 3, constructor: 4, toString: 5, "🎉": 6, "0": 7 }],
  ["lists in lists", [[[[[[1]]]]], [[], [{}]]]],
];

/** D6: values come back exactly. */
export const exactnessCases: readonly StoreCase[] = [
  ...awkward.map(([what, value]): StoreCase => ({
    promise: "D6",
    name: `${what} come back as they were, from documents and logs, here and in another store`,
    async run({ store, open }) {
      await store.document<unknown>({ name: "any.json" }).write({ value });
      await store.log<unknown>({ name: "any.jsonl" }).append({ value });
      for (const each of [store, await open()]) {
        deepEqual(await each.document<unknown>({ name: "any.json" }).read(), { value });
        deepEqual(await each.log<unknown>({ name: "any.jsonl" }).read(), [{ value }]);
      }
    },
  })),
  {
    promise: "D6",
    name: "fields that a program does not know stay as they are, in their order",
    async run({ store, open }) {
      const rich = { zebra: 1, count: 1, apple: { deep: [1, 2, { x: null }] } };
      await store.document<typeof rich>({ name: "count.json" }).write(rich);
      await counter(await open()).update(add);
      const value = await store.document<typeof rich>({ name: "count.json" }).read();
      deepEqual(value, { ...rich, count: 2 });
      deepEqual(Object.keys(value), ["zebra", "count", "apple"]);
    },
  },
  {
    promise: "D6",
    name: "integers past 2^53 come back digit by digit",
    async run({ store, open }) {
      interface Big {
        big: bigint;
        n: bigint | number;
      }
      const spec = { name: "big.json", integers: "bigint" } as const;
      const big = 12_345_678_901_234_567_890n;
      await store.document<Big>(spec).write({ big, n: 1 });
      equal((await (await open()).document<Big>(spec).read()).big, big);
      await store.document<{ n: number }>({ name: "big.json" }).update((draft) => void (draft.n = 2));
      equal((await store.document<Big>(spec).read()).big, big);
    },
  },
  {
    promise: "D6",
    name: "numbers that a change does not touch keep their digits, and the file its layout",
    needs: ["bytes"],
    async run({ store, bytes }) {
      const text = '{\n\t"z": 12345678901234567890.10,\n\t"count": 1,\n\t"u": {"a":[1,  2]}\n}';
      bytes.write("count.json", text);
      await counter(store).update(add);
      equal(bytes.read("count.json")?.toString(), text.replace('"count": 1', '"count": 2'));
    },
  },
  {
    promise: "D6",
    name: "what JSON cannot hold is refused, not rounded or dropped",
    async run({ store }) {
      const document = store.document<unknown>({ name: "any.json" });
      await document.write({ ok: true });
      const bad = [
        { n: Number.NaN },
        { n: Infinity },
        { n: 2 ** 53 + 2 },
        { f: () => 1 },
        { s: Symbol("s") },
      ];
      for (const value of bad) await refuses(() => document.write(value), "ERR_DOCUMENT_INVALID");
      for (const value of bad)
        await refuses(() => store.log<unknown>({ name: "any.jsonl" }).append(value), "ERR_RECORD_INVALID");
      deepEqual(await document.read(), { ok: true });
    },
  },
  {
    promise: "D6",
    name: "a key called __proto__ never reaches a prototype",
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write("any.json", '{"__proto__": {"hacked": true}, "a": 1}');
      await store
        .document<unknown>({ name: "any.json" })
        .read()
        .catch(() => undefined);
      equal(({} as { hacked?: boolean }).hacked, undefined);
    },
  },
];
