import {
  collect,
  counter,
  deepEqual,
  equal,
  item,
  items,
  refuses,
  turns,
  type Item,
  type StoreCase,
} from "../case.ts";
import { needs, three, values } from "./three-members.ts";

/** Logs that are rewritten in a commit of several members. */
export const transactRewriteCases: readonly StoreCase[] = [
  {
    promise: "transact",
    name: "a log is rewritten together with the members that change, and receipts tell it",
    needs,
    async run({ store, open }) {
      await items(store).appendMany([item("a"), item("b"), item("c")]);
      const { members } = await store.transact(three(store), async ({ one, log }) => {
        one.draft.count = 1;
        const [a, , c] = await log.entries();
        deepEqual([a?.record, a?.position, c?.position], [item("a"), 0, 2]);
        if (a !== undefined && c !== undefined) log.rewrite([c, item("new"), a]);
      });
      deepEqual([members.log.changed, members.log.position, members.log.nextPosition], [true, 0, 3]);
      deepEqual(await values(store), [1, 0, ["c", "new", "a"]]);
      deepEqual(await values(await open()), [1, 0, ["c", "new", "a"]]);
      const { position } = await items(store).append(item("next"));
      equal(position, 3);
    },
  },
  {
    promise: "transact",
    name: "two logs are rewritten in one commit, and one that was not there is made",
    needs,
    async run({ store }) {
      const logs = { old: items(store, "old.jsonl"), young: items(store, "young.jsonl") };
      await logs.old.appendMany([item("a"), item("b")]);
      await store.transact(logs, async ({ old, young }) => {
        young.rewrite(await old.entries());
        old.rewrite([]);
      });
      deepEqual([await logs.old.read(), await logs.young.read()], [[], [item("a"), item("b")]]);
    },
  },
  {
    promise: "transact",
    name: "work that throws after a rewrite has rewritten nothing, and neither has one that another member refuses",
    needs,
    async run({ store }) {
      await items(store).append(item("a"));
      const reason = new Error("no");
      const throwing = store.transact(three(store), ({ log }) => {
        log.rewrite([]);
        throw reason;
      });
      equal(await refuses(() => throwing, "Error"), reason);
      const invalid = store.transact(three(store), ({ one, log }) => {
        log.rewrite([item("b")]);
        one.draft.count = Number.NaN;
      });
      await refuses(() => invalid, "ERR_DOCUMENT_INVALID");
      const unstorable = store.transact(three(store), ({ one, log }) => {
        one.draft.count = 1;
        log.rewrite([{ id: Number.NaN } as unknown as Item]);
      });
      await refuses(() => unstorable, "ERR_RECORD_INVALID");
      deepEqual(await values(store), [0, 0, ["a"]]);
    },
  },
  {
    promise: "transact",
    name: "a rewrite takes the place of what was appended before it, and nothing is appended after it",
    needs,
    async run({ store }) {
      await items(store).append(item("a"));
      await store.transact(three(store), async ({ log }) => {
        log.append(item("dropped"));
        log.rewrite([item("first try")]);
        log.rewrite([...(await log.entries()), item("b")]);
        await refuses(() => log.append(item("late")), "TypeError");
        deepEqual(await log.records(), [item("a")]);
      });
      deepEqual(await values(store), [0, 0, ["a", "b"]]);
    },
  },
  {
    promise: "transact",
    name: "a rewrite that keeps everything changes nothing, and one with no collection is a TypeError",
    needs,
    async run({ store }) {
      await items(store).appendMany([item("a"), item("b")]);
      const { changed } = await store.transact(three(store), async ({ log }) =>
        log.rewrite(await log.entries()),
      );
      equal(changed, false);
      for (const wrong of ["text", 1, undefined, null])
        await refuses(
          () => store.transact(three(store), ({ log }) => log.rewrite(wrong as never)),
          "TypeError",
        );
      deepEqual(await values(store), [0, 0, ["a", "b"]]);
    },
  },
  {
    promise: "transact",
    name: "cursors and followers notice that a transact rewrote their log",
    needs,
    async run({ store, open }) {
      const log = items(store);
      await log.appendMany([item("a"), item("b")]);
      const cursor = items(await open()).cursor();
      let seen: string[] = [];
      const sink = { apply: ({ id }: Item) => void seen.push(id), reset: () => void (seen = []) };
      await cursor.advance(sink);
      const following = log.follow()[Symbol.asyncIterator]();
      await following.next();
      await following.next();
      const third = following.next();
      await turns();
      await store.transact({ log, one: counter(store, "one.json") }, async (tx) => {
        tx.one.draft.count = 1;
        tx.log.rewrite([...(await tx.log.entries()).toReversed(), item("c")]);
      });
      await cursor.advance(sink);
      deepEqual(seen, ["b", "a", "c"]);
      deepEqual(((await third).value as { readonly record: Item }).record, item("b"));
      await following.return?.();
      deepEqual(
        (await collect(log.entries({ from: 1 }))).map(({ record }) => record.id),
        ["a", "c"],
      );
    },
  },
  {
    promise: "transact",
    name: "a rewrite under a stale fence is refused, and changes nothing",
    needs,
    async run({ store }) {
      await items(store).append(item("a"));
      const log = items(store);
      await store.transact({ log }, (tx) => tx.log.append(item("b")), { fence: { name: "job", token: "2" } });
      const late = () =>
        store.transact({ log }, (tx) => tx.log.rewrite([]), { fence: { name: "job", token: "1" } });
      await refuses(late, "ERR_STALE_FENCING_TOKEN");
      deepEqual(await values(store), [0, 0, ["a", "b"]]);
    },
  },
  {
    promise: "transact",
    name: "a rewrite keeps the bytes of entries, and refuses to drop a record that its schema does not know",
    needs,
    async run({ store }) {
      const wide = store.log<unknown>({ name: "items.jsonl" });
      await wide.appendMany([{ id: "a", more: [1, 2] }, { strange: true }]);
      const texts = (await collect(wide.entries({}))).map(({ text }) => text);
      await store.transact({ wide }, async (tx) => tx.wide.rewrite((await tx.wide.entries()).toReversed()));
      deepEqual(
        (await collect(wide.entries({}))).map(({ text }) => text),
        texts.toReversed(),
      );
      const strict = store.log<Item>({ name: "items.jsonl", schema: isItem, onCorrupt: "skip" });
      const rewriting = () => store.transact({ strict }, (tx) => tx.strict.entries().then(() => undefined));
      await refuses(rewriting, "ERR_LOG_CORRUPT");
      equal((await wide.read()).length, 2);
    },
  },
];

const isItem = {
  "~standard": {
    version: 1,
    vendor: "proof",
    validate: (value: unknown) =>
      typeof (value as Item).id === "string" ? { value: value as Item } : { issues: [{ message: "no id" }] },
  },
} as const;
