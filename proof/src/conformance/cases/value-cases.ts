import {
  add,
  counter,
  deepEqual,
  equal,
  item,
  items,
  ok,
  refuses,
  turns,
  type Count,
  type StoreCase,
  pending,
} from "../case.ts";

interface Twins {
  one: number;
  two: number;
}

const twins = { name: "twins.json", defaults: (): Twins => ({ one: 0, two: 0 }) };

/** D3 and D4: what is acknowledged survives, and nobody sees half of it. */
export const survivalCases: readonly StoreCase[] = [
  {
    promise: "D3",
    name: "what was acknowledged is there after the store was closed and opened again",
    async run({ store, open }) {
      await counter(store).write({ count: 5 });
      await items(store).appendMany([item(1), item(2)]);
      await store.close();
      const again = await open();
      deepEqual(await counter(again).read(), { count: 5 });
      deepEqual(await items(again).read(), [item(1), item(2)]);
    },
  },
  {
    promise: "D3",
    name: "what was acknowledged is there though its writer was killed at once",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "add", name: "count.json", times: 3 });
      await other.tell({ verb: "append", name: "items.jsonl", prefix: "p", times: 3 });
      await nemesis.killHolder(other.program);
      deepEqual(await counter(store).read(), { count: 3 });
      deepEqual(await items(store).read(), [item("p0"), item("p1"), item("p2")]);
    },
  },
  {
    promise: "D3",
    name: "a change of a document is durable before it is acknowledged",
    needs: ["seeUnsynced"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await counter(store).write({ count: 1 });
        deepEqual(watch.now(), []);
        await counter(store).update(add);
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "an append is durable before it is acknowledged",
    needs: ["seeUnsynced"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await items(store).append(item(1));
        deepEqual(watch.now(), []);
        await Promise.all([items(store).append(item(2)), items(store).appendMany([item(3), item(4)])]);
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "a transact is durable before it is acknowledged",
    needs: ["seeUnsynced", "transact"],
    async run({ store, nemesis }) {
      const watch = nemesis.seeUnsynced();
      try {
        await store.transact({ count: counter(store), log: items(store) }, ({ count, log }) => {
          count.draft.count += 1;
          log.append(item(1));
        });
        deepEqual(watch.now(), []);
      } finally {
        watch.stop();
      }
    },
  },
  {
    promise: "D3",
    name: "a receipt tells the durability that was asked for",
    async run({ store }) {
      for (const durability of store.capabilities.durability) {
        const document = store.document<Count>({ name: `${durability}.json`, durability });
        equal((await document.write({ count: 1 })).durability, durability);
        const log = store.log({ name: `${durability}.jsonl`, durability });
        equal((await log.append({ a: 1 })).durability, durability);
      }
    },
  },
  {
    promise: "D4",
    name: "who reads without a lock while others write sees whole values only",
    async run({ store, open }) {
      const reader = (await open()).document<Twins>(twins);
      let isOver = false;
      const writing = (async () => {
        for (let at = 0; at < 30; at += 1) {
          await store.document<Twins>(twins).update(async (draft) => {
            draft.one += 1;
            await turns();
            draft.two += 1;
          });
        }
        isOver = true;
      })();
      void pending(writing);
      while (!isOver) {
        const { one, two } = await reader.read();
        equal(one, two);
        await turns();
      }
      await writing;
      deepEqual(await reader.read(), { one: 30, two: 30 });
    },
  },
  {
    promise: "D4",
    name: "another process that reads while we write sees whole values only",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      const watching = other.tell({ verb: "watch twins", name: "twins.json" });
      const document = store.document<Twins>(twins);
      for (let at = 0; at < 100; at += 1)
        await document.update((draft) => {
          draft.one += 10;
          draft.two += 10;
        });
      ok("reads" in ((await watching) as object));
    },
  },
  {
    promise: "D4",
    name: "a recipe that throws leaves the old value, whatever it did to its draft",
    async run({ store }) {
      const { revision } = await counter(store).write({ count: 1 });
      const reason = new Error("no");
      const failing = (draft: Count): never => {
        draft.count = 99;
        throw reason;
      };
      equal(await refuses(() => counter(store).update(failing), "Error"), reason);
      deepEqual(await counter(store).readWithRevision(), { value: { count: 1 }, revision });
    },
  },
  {
    promise: "D4",
    name: "what is read is frozen, all through",
    async run({ store }) {
      const document = store.document<{ list: { n: number }[] }>({ name: "list.json" });
      await document.write({ list: [{ n: 1 }] });
      const value = await document.read();
      ok(Object.isFrozen(value) && Object.isFrozen(value.list) && Object.isFrozen(value.list[0]));
    },
  },
  {
    promise: "D4",
    name: "changing a value after it was given away changes nothing that is stored",
    async run({ store }) {
      const document = store.document<{ list: number[] }>({ name: "list.json" });
      const value = { list: [1] };
      await document.write(value);
      value.list.push(2);
      deepEqual(await document.read(), { list: [1] });
      const record = { id: "1" };
      await items(store).append(record);
      record.id = "changed";
      deepEqual(await items(store).read(), [item(1)]);
    },
  },
  {
    promise: "D4",
    name: "a draft that escapes its recipe is of no effect",
    async run({ store }) {
      let escaped: Count | undefined;
      await counter(store).update((draft) => {
        draft.count = 1;
        escaped = draft;
      });
      try {
        if (escaped !== undefined) escaped.count = 99;
      } catch {
        // Refusing is as good.
      }
      deepEqual(await counter(store).read(), { count: 1 });
    },
  },
];

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

const tooLarge = "ERR_TOO_LARGE";

/** D7: limits hold before anything is written. */
export const limitCases: readonly StoreCase[] = [
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
