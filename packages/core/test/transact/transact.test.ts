import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { fileStore, type Store, type StoreDocument, type StoreLog } from "../../src/index.ts";
import { temporaryDirectory } from "../store/temporary-store.ts";

interface Count {
  count: number;
}
interface Event {
  readonly type: string;
  readonly at?: number;
}

interface Members {
  readonly directory: string;
  readonly store: Store;
  readonly left: StoreDocument<Count>;
  readonly right: StoreDocument<Count>;
  readonly events: StoreLog<Event>;
}

function open(directory = temporaryDirectory()): Members {
  const store = fileStore(directory);
  const schema = z.object({ count: z.int().min(0) });
  const left = store.document({ name: "left.json", schema, defaults: () => ({ count: 0 }) });
  const right = store.document({
    name: ".flowforge/billing/right.json",
    schema,
    layout: "flowforge",
    defaults: () => ({ count: 0 }),
  });
  const events = store.log<Event>({ name: "queues/events.jsonl", layout: "gastown" });
  return { directory, store, left, right, events };
}

const text = ({ directory }: Members, name: string): string => readFileSync(join(directory, name), "utf8");

describe("a transact of documents and logs", () => {
  test("changes all of them, in different directories and under different layouts", async () => {
    const all = open();
    const { store, left, right, events } = all;
    await events.append({ type: "first" });
    const receipt = await store.transact({ left, right, events }, async (tx) => {
      expect(tx.events.tail).toBe(1);
      expect(await tx.events.records()).toEqual([{ type: "first" }]);
      tx.left.draft.count += 1;
      tx.right.draft.count += 2;
      tx.events.append({ type: "a" }, { type: "b" });
      return "done";
    });
    expect(receipt).toMatchObject({ value: "done", changed: true, durability: "disk" });
    expect(receipt.members.left).toMatchObject({ changed: true, value: { count: 1 } });
    expect(receipt.members.events).toMatchObject({ position: 1, nextPosition: 3, duplicates: [] });
    expect(await left.read()).toEqual({ count: 1 });
    expect(await right.read()).toEqual({ count: 2 });
    expect(await events.read()).toEqual([{ type: "first" }, { type: "a" }, { type: "b" }]);
    expect((await left.readWithRevision()).revision).toBe(receipt.members.left.revision);
  });

  test("changes nothing when the work throws, and its drafts are of no use afterwards", async () => {
    const all = open();
    const { store, left, right, events } = all;
    const reason = new Error("no");
    let kept: { append(...records: Event[]): void } | undefined;
    const failed = store.transact({ left, right, events }, (tx) => {
      tx.left.draft.count = 7;
      tx.events.append({ type: "a" });
      kept = tx.events;
      throw reason;
    });
    await expect(failed).rejects.toBe(reason);
    expect(() => kept?.append({ type: "late" })).toThrow(TypeError);
    expect(await left.read()).toEqual({ count: 0 });
    expect(await events.read()).toEqual([]);
    expect(existsSync(join(all.directory, "left.json"))).toBe(false);
  });

  test("changes nothing when one of its members refuses what it is to become", async () => {
    const { store, left, right, events } = open();
    const failed = store.transact({ left, right, events }, (tx) => {
      tx.left.draft.count = 7;
      tx.events.append({ type: "a" });
      tx.right.draft.count = -1;
    });
    await expect(failed).rejects.toMatchObject({ code: "ERR_DOCUMENT_INVALID" });
    expect(await left.read()).toEqual({ count: 0 });
    expect(await events.read()).toEqual([]);
  });

  test("keeps the bytes of what it does not touch", async () => {
    const all = open();
    writeFileSync(join(all.directory, "left.json"), '{\n\t"z": 12345678901234567890, "count": 1 }\n');
    await all.store.transact({ left: all.left, right: all.right }, (tx) => {
      tx.left.draft.count = 2;
      tx.right.draft.count = 2;
    });
    expect(text(all, "left.json")).toBe('{\n\t"z": 12345678901234567890, "count": 2 }\n');
  });

  test.each(["one then two", "two then one"])(
    "keeps the bytes of what moves between its documents (%s)",
    async (order) => {
      const directory = temporaryDirectory();
      const store = fileStore(directory);
      const bytes = (name: string): string => readFileSync(join(directory, name), "utf8");
      writeFileSync(join(directory, "one.json"), '{"list": [ {"id":1, "n": 1.50}, {"id":2, "n": 2.50} ]}\n');
      writeFileSync(join(directory, "two.json"), '{"list": [\n    {"id":3, "n": 3.50}\n]}\n');
      type List = { list: { id: number; n: number }[] };
      const one = store.document<List>({ name: "one.json" });
      const two = store.document<List>({ name: "two.json" });
      const members = order === "one then two" ? { one, two } : { two, one };
      await store.transact(members, (tx) => {
        const [moved] = tx.one.draft.list.splice(0, 1);
        if (moved !== undefined) tx.two.draft.list.push(Object.assign(moved, { id: 4 }));
        tx.two.draft.list.reverse();
      });
      expect(bytes("one.json")).toBe('{"list": [ {"id":2, "n": 2.50} ]}\n');
      expect(JSON.parse(bytes("two.json"))).toEqual({
        list: [
          { id: 4, n: 1.5 },
          { id: 3, n: 3.5 },
        ],
      });
      expect(bytes("two.json")).toContain('{"id":3, "n": 3.50}');
    },
  );

  test("replaces a document that is missing or not valid, though its draft cannot be used", async () => {
    const directory = temporaryDirectory();
    const store = fileStore(directory);
    writeFileSync(join(directory, "bad.json"), '{"count": "many"}');
    const schema = z.object({ count: z.int() });
    const bad = store.document({ name: "bad.json", schema });
    const missing = store.document<Count>({ name: "missing.json" });
    await store.transact({ bad, missing }, (tx) => {
      expect(() => tx.bad.draft).toThrow(/bad\.json does not hold a valid value/);
      expect(() => tx.missing.value).toThrow(/does not exist/);
      tx.bad.replace({ count: 1 });
      tx.missing.replace({ count: 2 });
      expect(() => tx.bad.draft).toThrow(TypeError);
    });
    expect([await bad.read(), await missing.read()]).toEqual([{ count: 1 }, { count: 2 }]);
  });

  test("writes nothing when nothing changed", async () => {
    const all = open();
    const receipt = await all.store.transact(
      { left: all.left, events: all.events },
      (tx) => tx.left.value.count,
    );
    expect(receipt).toMatchObject({ value: 0, changed: false });
    expect(existsSync(join(all.directory, "left.json"))).toBe(false);
  });

  test("appends no record twice whose id the log holds", async () => {
    const { store, left } = open();
    const log = store.log<Event>({ name: "ids.jsonl", idOf: ({ type }) => type });
    await log.append({ type: "a" });
    const { members } = await store.transact({ left, log }, (tx) => {
      tx.left.draft.count += 1;
      tx.log.append({ type: "a" }, { type: "b" }, { type: "b" });
    });
    expect(members.log).toMatchObject({ position: 1, nextPosition: 2, duplicates: [0, 2] });
    expect(await log.read()).toEqual([{ type: "a" }, { type: "b" }]);
  });

  test("brings a cursor up to what the lock protects", async () => {
    const { store, left, events } = open();
    await events.appendMany([{ type: "a" }, { type: "b" }]);
    const cursor = events.cursor();
    const seen: string[] = [];
    const sink = { apply: ({ type }: Event) => void seen.push(type), reset: () => void seen.splice(0) };
    await store.transact({ left, events }, async (tx) => {
      expect(await tx.events.advance(cursor, sink)).toEqual({ entries: 2, reset: false, position: 2 });
      tx.events.append({ type: "c" });
    });
    expect(await cursor.advance(sink)).toEqual({ entries: 1, reset: false, position: 3 });
    expect(seen).toEqual(["a", "b", "c"]);
  });

  test("many at once add up", async () => {
    const { store, left, right, events } = open();
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        store.transact(at % 2 === 0 ? { left, right, events } : { events, right, left }, (tx) => {
          tx.left.draft.count += 1;
          tx.right.draft.count += 1;
          tx.events.append({ type: "add", at });
        }),
      ),
    );
    expect([(await left.read()).count, (await right.read()).count]).toEqual([20, 20]);
    expect(await events.read()).toHaveLength(20);
  });
});

describe("a transact is refused at once", () => {
  test("inside another one, whatever its members", async () => {
    const { store, left, right } = open();
    const nested = store.transact({ left }, () => store.transact({ right }, () => 1));
    await expect(nested).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
    await store.transact({ left }, () => 1); // and the locks are free again
  });

  test("inside a change of one of its members, and the other way round", async () => {
    const { store, left, right } = open();
    const inside = left.update(async () => void (await store.transact({ left, right }, () => 1)));
    await expect(inside).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
    const around = store.transact({ left, right }, () => right.update((draft) => void (draft.count += 1)));
    await expect(around).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
  });

  test("without members, with one twice, by two names, or with one of another store", async () => {
    const all = open();
    const { store, left } = all;
    await expect(store.transact({}, () => 1)).rejects.toThrow(TypeError);
    await expect(store.transact({ left, again: left }, () => 1)).rejects.toThrow(/twice/);
    await left.write({ count: 1 });
    symlinkSync("left.json", join(all.directory, "alias.json"));
    const alias = store.document<Count>({ name: "alias.json" });
    await expect(store.transact({ left, alias }, () => 1)).rejects.toThrow(/twice/);
    const other = fileStore(all.directory).document<Count>({ name: "other.json" });
    await expect(store.transact({ left, other }, () => 1)).rejects.toThrow(/of this store/);
  });

  test("when the store is closed", async () => {
    const { store, left } = open();
    await store.close();
    await expect(store.transact({ left }, () => 1)).rejects.toMatchObject({ code: "ERR_CLOSED" });
  });
});

describe("P4: somebody who takes no lock writes a member while the work runs", () => {
  const reached = { code: "ERR_REVISION_CONFLICT" };

  test("a document: theirs stays, and nothing of the transact is there", async () => {
    const all = open();
    await all.left.write({ count: 1 });
    const work = all.store.transact({ left: all.left, right: all.right, events: all.events }, (tx) => {
      writeFileSync(join(all.directory, "left.json"), '{"count": 40}');
      tx.left.draft.count += 1;
      tx.right.draft.count = 5;
      tx.events.append({ type: "a" });
    });
    await expect(work).rejects.toMatchObject(reached);
    expect(text(all, "left.json")).toBe('{"count": 40}');
    expect([await all.right.read(), await all.events.read()]).toEqual([{ count: 0 }, []]);
    expect(await all.left.update((draft) => void (draft.count += 1))).toMatchObject({ value: { count: 41 } });
  });

  test("a log: their line stays where it is, or in the file that is there now", async () => {
    const all = open();
    await all.events.append({ type: "first" });
    const path = join(all.directory, "queues/events.jsonl");
    const attempt = (disturb: () => void): Promise<unknown> =>
      all.store.transact({ left: all.left, events: all.events }, (tx) => {
        disturb();
        tx.left.draft.count = 5;
        tx.events.append({ type: "a" }, { type: "b" });
      });
    await expect(attempt(() => appendFileSync(path, '{"type":"theirs"}\n'))).rejects.toMatchObject(reached);
    expect(await all.events.read()).toEqual([{ type: "first" }, { type: "theirs" }]);
    await expect(attempt(() => renameSync(path, `${path}.old`))).rejects.toMatchObject(reached);
    expect(await all.events.read()).toEqual([]);
    expect(await all.left.read()).toEqual({ count: 0 });
  });

  test("a file that was only touched, or written as it was, is no conflict", async () => {
    const all = open();
    await all.left.write({ count: 1 });
    const before = text(all, "left.json");
    await all.store.transact({ left: all.left, events: all.events }, (tx) => {
      writeFileSync(join(all.directory, "left.json"), before);
      tx.left.draft.count += 1;
      tx.events.append({ type: "a" });
    });
    expect(await all.left.read()).toEqual({ count: 2 });
  });
});

test("a directory where a member cannot be staged leaves every other member as it was", async () => {
  const all = open();
  await all.left.write({ count: 1 });
  mkdirSync(join(all.directory, "blocked.json"));
  const blocked = all.store.document<Count>({ name: "blocked.json", defaults: () => ({ count: 0 }) });
  const failed = all.store.transact({ left: all.left, blocked }, (tx) => {
    tx.left.draft.count = 2;
    tx.blocked.replace({ count: 1 });
  });
  await expect(failed).rejects.toMatchObject({ code: "ERR_UNSAFE_PATH" });
  expect(await all.left.read()).toEqual({ count: 1 });
});
