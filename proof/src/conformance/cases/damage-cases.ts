import {
  counter,
  deepEqual,
  equal,
  item,
  items,
  ok,
  refuses,
  type Count,
  type Item,
  type StoreCase,
  collect,
} from "../case.ts";

const good = '{"id":"a"}\n{"id":"b"}\n';

/** Tails that a crash may leave: never a record. */
const tails: readonly (readonly [string, string | Uint8Array])[] = [
  ["half a record", '{"id":'],
  ["a whole value without its newline", '{"id":"c"}'],
  ["NUL bytes", new Uint8Array(64)],
  ["half a character", Uint8Array.from([0x7b, 0x22, 0xe6, 0xbc])],
];

/** G5: a torn tail is set aside, damage anywhere else is an error. */
export const damageCases: readonly StoreCase[] = [
  ...tails.map(([what, tail]): StoreCase => ({
    promise: "G5",
    name: `a tail of ${what} is no record, and the next append moves it aside, byte for byte`,
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write("items.jsonl", Buffer.concat([Buffer.from(good), Buffer.from(tail)]));
      deepEqual(await items(store).read(), [item("a"), item("b")]);
      const { quarantined, position } = await items(store).append(item("d"));
      equal(position, 2);
      equal(bytes.read("items.jsonl")?.toString(), `${good}{"id":"d"}\n`);
      ok(quarantined !== undefined, "the receipt does not tell where it is");
      equal(quarantined.bytes, Buffer.from(tail).length);
      const aside = bytes.names().filter((name) => name.includes(quarantined.name.split("/").at(-1) ?? "?"));
      deepEqual(
        aside.map((name) => bytes.read(name)),
        [Buffer.from(tail)],
      );
    },
  })),
  {
    promise: "G5",
    name: "damage in the middle of a log is an error that tells the line, and changes nothing",
    needs: ["bytes"],
    async run({ store, bytes }) {
      const text = '{"id":"a"}\n{"id":\n{"id":"c"}\n';
      bytes.write("items.jsonl", text);
      const error = await refuses(() => items(store).read(), "ERR_LOG_CORRUPT");
      equal("line" in error && error.line, 2);
      equal(bytes.read("items.jsonl")?.toString(), text);
    },
  },
  {
    promise: "G5",
    name: "a log that says skip passes over damage, keeps its position, and counts it",
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write("items.jsonl", '{"id":"a"}\n{"id":\n{"id":"c"}\n');
      const log = store.log<Item>({ name: "items.jsonl", onCorrupt: "skip" });
      deepEqual(await log.read(), [item("a"), item("c")]);
      equal(log.problems().count, 1);
      const entries = await collect(log.entries());
      deepEqual(
        entries.map(({ position }) => position),
        [0, 2],
      );
      equal((await log.append(item("d"))).position, 3);
    },
  },
  {
    promise: "G5",
    name: "a log that says quarantine moves damage aside and loses nothing else",
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write("items.jsonl", '{"id":"a"}\n{"id":oops\n{"id":"c"}\n');
      const log = store.log<Item>({ name: "items.jsonl", onCorrupt: "quarantine" });
      deepEqual(await log.read(), [item("a"), item("c")]);
      await log.append(item("d"));
      deepEqual(await log.read(), [item("a"), item("c"), item("d")]);
      const everything = bytes.names().map((name) => bytes.read(name)?.toString() ?? "");
      ok(
        everything.some((text) => text.includes('{"id":oops')),
        "the damaged line is gone",
      );
    },
  },
  {
    promise: "G5",
    name: "a damaged document is an error, never its defaults, and its bytes stay",
    needs: ["bytes"],
    async run({ store, bytes }) {
      for (const text of ['{"count": 1', "nonsense", "\u0000\u0000", '{"count": 1} x']) {
        bytes.write("count.json", text);
        await refuses(() => counter(store).read(), "ERR_DOCUMENT_CORRUPT");
        await refuses(() => counter(store).update((draft) => void (draft.count = 9)), "ERR_DOCUMENT_CORRUPT");
        equal(bytes.read("count.json")?.toString(), text);
      }
    },
  },
  {
    promise: "G5",
    name: "a damaged member fails a transact as a whole, and its bytes stay",
    needs: ["bytes", "transact"],
    async run({ store, bytes }) {
      bytes.write("bad.json", '{"count": 1');
      const members = { good: counter(store), bad: counter(store, "bad.json") };
      const work = store.transact(members, (tx) => {
        tx.good.draft.count = 1;
        tx.bad.draft.count = 1;
      });
      await refuses(() => work, "ERR_DOCUMENT_CORRUPT");
      deepEqual(await counter(store).read(), { count: 0 });
      equal(bytes.read("bad.json")?.toString(), '{"count": 1');
    },
  },
  {
    promise: "G5",
    name: "an empty document is damaged, unless its spec says that it may be",
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write("count.json", "");
      await refuses(() => counter(store).read(), "ERR_DOCUMENT_CORRUPT");
      const lenient = store.document<Count>({
        name: "count.json",
        allowEmpty: true,
        defaults: () => ({ count: 7 }),
      });
      deepEqual(await lenient.read(), { count: 7 });
    },
  },
  {
    promise: "G5",
    name: "bytes that are no UTF-8 are damage, not replacement characters",
    needs: ["bytes"],
    async run({ store, bytes }) {
      bytes.write(
        "count.json",
        Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      );
      await refuses(() => counter(store).read(), "ERR_DOCUMENT_CORRUPT");
      bytes.write(
        "items.jsonl",
        Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}\n')]),
      );
      await refuses(() => items(store).read(), "ERR_LOG_CORRUPT");
    },
  },
];
