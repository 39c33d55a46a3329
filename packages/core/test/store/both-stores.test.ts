import { describe, expect, test } from "vitest";
import * as z from "zod";
import {
  absentRevision,
  fileStore,
  memoryStore,
  MemorySpace,
  RecordLine,
  type Store,
  type StoreDocument,
  type StoreEntry,
} from "../../src/index.ts";
import { temporaryDirectory } from "./temporary-store.ts";

interface Count {
  count: number;
}
interface Event {
  readonly type: string;
}

/** Opens a store; called again with what it gave, another one on the same data, as another process would. */
type Open = () => { readonly store: Store; readonly again: () => Store };

const engines: readonly (readonly [string, Open])[] = [
  [
    "fileStore",
    () => {
      const directory = temporaryDirectory();
      return { store: fileStore(directory), again: () => fileStore(directory) };
    },
  ],
  [
    "memoryStore",
    () => {
      const shared = new MemorySpace();
      return { store: memoryStore({ shared }), again: () => memoryStore({ shared }) };
    },
  ],
];

const count = { name: "a/count.json", defaults: () => ({ count: 0 }) };
const collect = async <T>(entries: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
};

describe.each(engines)("%s: documents", (_name, open) => {
  test("a new document ends in a line feed unless the spec says otherwise; one that is there ends as it did", async () => {
    const { store } = open();
    const tight = { maxBytes: '{\n  "count": 1\n}'.length }; // one byte more does not fit
    const document = (name: string, finalNewline: boolean): StoreDocument<Count> =>
      store.document<Count>({ name, defaults: () => ({ count: 0 }), finalNewline, ...tight });
    const count = (draft: Count): void => void (draft.count += 1);
    await expect(document("a.json", true).update(count)).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
    const bare = document("a.json", false);
    await bare.update(count);
    await document("a.json", true).update(count);
    await bare.write({ count: 3 }, { expectedRevision: (await bare.readWithRevision()).revision });
    const others = { b: document("b.json", false), c: document("c.json", false) };
    await store.transact(others, (tx) => {
      tx.b.draft.count += 1;
      tx.c.replace({ count: 7 });
    });
    expect([await bare.read(), await others.c.read()]).toEqual([{ count: 3 }, { count: 7 }]);
  });

  test("D1: changes of two handles and many callers add up", async () => {
    const { store, again } = open();
    const [one, other] = [store.document<Count>(count), again().document<Count>(count)];
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        (at % 2 === 0 ? one : other).update((draft) => void (draft.count += 1)),
      ),
    );
    expect(await store.document<Count>(count).read()).toEqual({ count: 40 });
  });

  test("D2: of two changes that expect one revision, one is refused", async () => {
    const document = open().store.document<Count>(count);
    const { revision } = await document.readWithRevision();
    expect(revision).toBe(absentRevision);
    const receipt = await document.update((draft) => void (draft.count += 1), { expectedRevision: revision });
    expect(receipt).toMatchObject({ changed: true, value: { count: 1 } });
    const second = document.update((draft) => void (draft.count += 1), { expectedRevision: revision });
    await expect(second).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
      expected: revision,
      actual: receipt.revision,
    });
  });

  test("D6: equal contents have equal revisions, and a change that changes nothing writes nothing", async () => {
    const document = open().store.document<Count>(count);
    const one = await document.write({ count: 1 });
    const same = await document.update((draft) => void (draft.count += 0));
    expect(same).toMatchObject({ changed: false, revision: one.revision });
    await document.write({ count: 2 });
    expect((await document.write({ count: 1 })).revision).toBe(one.revision);
  });

  test("D7: what is too large or refused by the schema is not written", async () => {
    const { store } = open();
    const schema = z.object({ text: z.string() });
    const document = store.document({
      name: "text.json",
      schema,
      maxBytes: 100,
      defaults: () => ({ text: "" }),
    });
    await expect(document.write({ text: "x".repeat(200) })).rejects.toMatchObject({ code: "ERR_TOO_LARGE" });
    await expect(document.write({ text: 7 } as never)).rejects.toMatchObject({
      code: "ERR_DOCUMENT_INVALID",
    });
    expect((await document.readWithRevision()).revision).toBe(absentRevision);
  });

  test("a write over a change its handle has not seen is refused, with both versions", async () => {
    const { store, again } = open();
    const [mine, theirs] = [store.document<Count>(count), again().document<Count>(count)];
    await mine.write({ count: 1 });
    await theirs.write({ count: 2 });
    const refused = mine.write({ count: 3 });
    await expect(refused).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
      versions: { base: { count: 1 }, ours: { count: 3 }, theirs: { count: 2 }, fields: [] },
    });
    expect(await mine.read()).toEqual({ count: 2 });
    await mine.write({ count: 3 }); // now that it has seen it
  });

  test("a handle's own writes follow one another, whether they are waited for or not; others' are noticed in between", async () => {
    const { store, again } = open();
    const mine = store.document<Count>(count);
    await mine.write({ count: 1 });
    await Promise.all([mine.write({ count: 2 }), mine.write({ count: 3 }), mine.write({ count: 4 })]);
    expect(await mine.read()).toEqual({ count: 4 });
    const first = mine.write({ count: 5 });
    const theirs = first.then(() => again().document<Count>(count).write({ count: 40 }));
    await theirs;
    await expect(mine.write({ count: 6 })).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
  });

  test("an own write that is not waited for builds on the one before it, and loses nothing of others", async () => {
    const { store, again } = open();
    const spec = { name: "merged.json", merge: "fields" } as const;
    const mine = store.document<Record<string, number>>(spec);
    await mine.write({ a: 0, c: 0 });
    await again()
      .document<Record<string, number>>({ name: "merged.json" })
      .update((draft) => void (draft["c"] = 9));
    const both = [mine.write({ a: 1, c: 0 }), mine.write({ a: 2, c: 0 })];
    await Promise.all(both);
    expect(await mine.read()).toEqual({ a: 2, c: 9 });
  });

  test("content that came back is not what the handle saw since", async () => {
    const { store, again } = open();
    const mine = store.document<Count>(count);
    const theirs = again().document<Count>({ ...count, merge: "overwrite" });
    await mine.write({ count: 1 });
    await theirs.write({ count: 40 });
    expect(await mine.read()).toEqual({ count: 40 });
    await theirs.write({ count: 1 });
    await expect(mine.write({ count: 41 })).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
  });

  test("a merge that the schema does not allow is refused with both versions", async () => {
    const { store, again } = open();
    const schema = z.object({ a: z.int(), b: z.int() }).refine(({ a, b }) => a + b <= 10);
    const spec = { name: "bounded.json", merge: "fields", schema } as const;
    const mine = store.document(spec);
    await mine.write({ a: 1, b: 1 });
    await again().document(spec).write({ a: 9, b: 1 });
    await expect(mine.write({ a: 1, b: 9 })).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
      versions: { ours: { a: 1, b: 9 }, theirs: { a: 9, b: 1 } },
    });
  });

  test("a replacement in a transact is held to what the handle saw, unless the work looks", async () => {
    const { store, again } = open();
    const mine = store.document<Count>(count);
    await mine.write({ count: 1 });
    await again().document<Count>(count).write({ count: 40 });
    const blind = store.transact({ mine }, (tx) => tx.mine.replace({ count: 2 }));
    await expect(blind).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
    await store.transact({ mine }, (tx) => tx.mine.replace({ count: tx.mine.value.count + 1 }));
    expect(await mine.read()).toEqual({ count: 41 });
  });

  test("what a handle read under lock, and what its own transact wrote, it has seen", async () => {
    const { store, again } = open();
    const [mine, theirs] = [store.document<Count>(count), again().document<Count>(count)];
    await theirs.write({ count: 1 });
    await mine.readLocked();
    await theirs.write({ count: 2 });
    await expect(mine.write({ count: 9 })).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
    await mine.readLocked();
    await store.transact({ mine }, (drafts) => void (drafts.mine.draft.count = 3));
    await mine.write({ count: 4 });
    expect(await theirs.read()).toEqual({ count: 4 });
  });

  test("a write that may be merged is, field by field and element by element", async () => {
    const { store, again } = open();
    const spec = { name: "merged.json", merge: "fields" as const };
    const [mine, theirs] = [store.document(spec), again().document(spec)];
    const tasks = [
      { id: "a", title: "A", done: false },
      { id: "b", title: "B", done: false },
    ];
    await mine.write({ tasks, owner: "me" });
    await theirs.read();
    await theirs.write({
      tasks: [{ ...tasks[0], done: true }, tasks[1], { id: "c", title: "C" }],
      owner: "me",
    });
    await mine.write({ tasks: [tasks[0], { ...tasks[1], title: "B2" }], owner: "you" });
    expect(await mine.read()).toEqual({
      tasks: [
        { id: "a", title: "A", done: true },
        { id: "b", title: "B2", done: false },
        { id: "c", title: "C" },
      ],
      owner: "you",
    });
    await theirs.read();
    await theirs.write({ tasks: [], owner: "them" });
    await expect(mine.write({ tasks: [], owner: "us" })).rejects.toMatchObject({
      versions: { fields: [["owner"]] },
    });
  });

  test("elements that one side moved stay where it moved them; where both moved them, both versions are told", async () => {
    const merge = async (ours: string, theirs: string): Promise<string> => {
      const { store, again } = open();
      const spec = { name: "list.json", merge: "fields" } as const;
      const elements = (ids: string): { list: { id: string }[] } => ({
        list: Array.from(ids, (id) => ({ id })),
      });
      const mine = store.document<{ list: { id: string }[] }>(spec);
      await mine.write(elements("abc"));
      await again().document<{ list: { id: string }[] }>(spec).write(elements(theirs));
      const { value } = await mine.write(elements(ours));
      return value.list.map(({ id }) => id).join("");
    };
    expect(await merge("cab", "abcd")).toBe("cabd");
    expect(await merge("abce", "bac")).toBe("bace");
    expect(await merge("cab", "cab")).toBe("cab");
    expect(await merge("ca", "abc")).toBe("ca");
    await expect(merge("cab", "bac")).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
      versions: { fields: [["list"]] },
    });
  });

  test('"overwrite" overwrites', async () => {
    const { store, again } = open();
    const spec = { ...count, merge: "overwrite" as const };
    const [mine, theirs] = [store.document<Count>(spec), again().document<Count>(spec)];
    await mine.write({ count: 1 });
    await theirs.write({ count: 2 });
    expect((await mine.write({ count: 3 })).value).toEqual({ count: 3 });
  });

  test("removes a document, at the revision that is expected", async () => {
    const document = open().store.document<Count>(count);
    expect(await document.remove()).toBe(false);
    const { revision } = await document.write({ count: 1 });
    await expect(document.remove({ expectedRevision: "other" })).rejects.toMatchObject({
      code: "ERR_REVISION_CONFLICT",
    });
    expect(await document.remove({ expectedRevision: revision })).toBe(true);
    expect((await document.readWithRevision()).revision).toBe(absentRevision);
  });

  test("a watch from a revision that is known begins with what comes after it", async () => {
    const { store, again } = open();
    const document = store.document<Count>(count);
    const { revision } = await document.write({ count: 1 });
    const seen: number[] = [];
    const watching = (async () => {
      for await (const { value } of document.watch({ from: revision, pollMs: 20 })) {
        seen.push(value.count);
        if (value.count === 3) break;
      }
    })();
    const other = again().document<Count>(count);
    for (const next of [2, 3]) await other.update((draft) => void (draft.count = next));
    await watching;
    expect(seen.at(-1)).toBe(3);
    expect(seen).not.toContain(1);
  });
});

describe.each(engines)("%s: logs", (_name, open) => {
  const spec = { name: "logs/events.jsonl" };

  test("G2: positions are dense and unique, whoever appends", async () => {
    const { store, again } = open();
    const [one, other] = [store.log<Event>(spec), again().log<Event>(spec)];
    const receipts = await Promise.all(
      Array.from({ length: 30 }, (_, at) =>
        (at % 2 === 0 ? one : other).appendMany([{ type: `${at}` }, { type: `${at}` }]),
      ),
    );
    const positions = receipts.map(({ position }) => position).toSorted((a, b) => a - b);
    expect(positions).toEqual(Array.from({ length: 30 }, (_, at) => at * 2));
    const entries = await collect(store.log<Event>(spec).entries());
    expect(entries.map(({ position }) => position)).toEqual(Array.from({ length: 60 }, (_, at) => at));
    for (const [at, { position }] of receipts.entries())
      expect(entries[position]?.record).toEqual({ type: `${at}` });
  });

  test("appends at the tail that is expected, or not at all", async () => {
    const log = open().store.log<Event>(spec);
    await log.append({ type: "a" }, { expectedTail: 0 });
    const late = log.append({ type: "b" }, { expectedTail: 0 });
    await expect(late).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
    expect(await log.append({ type: "b" }, { expectedTail: 1 })).toMatchObject({
      position: 1,
      nextPosition: 2,
    });
  });

  test("G3: a record whose id is there already is not appended twice, and the receipt says so", async () => {
    const { store, again } = open();
    const ids = { ...spec, idOf: (event: Event) => event.type };
    const [one, other] = [store.log(ids), again().log(ids)];
    await one.append({ type: "a" });
    const receipt = await other.appendMany([{ type: "a" }, { type: "b" }, { type: "b" }]);
    expect(receipt).toMatchObject({ position: 1, nextPosition: 2, changed: true, duplicates: [0, 2] });
    expect(await one.append({ type: "b" })).toMatchObject({ changed: false, duplicates: [0], position: 2 });
    expect(await one.read()).toEqual([{ type: "a" }, { type: "b" }]);
  });

  test("decides and appends in one step", async () => {
    const { store, again } = open();
    const [one, other] = [store.log<{ n: number }>(spec), again().log<{ n: number }>(spec)];
    await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        (at % 2 === 0 ? one : other).transact(async (draft) => {
          expect(await draft.records()).toHaveLength(draft.tail);
          draft.append({ n: draft.tail });
        }),
      ),
    );
    expect((await store.log<{ n: number }>(spec).read()).map(({ n }) => n)).toEqual(
      Array.from({ length: 20 }, (_, at) => at),
    );
  });

  test("a decision that throws appends nothing, and its draft is of no use afterwards", async () => {
    const log = open().store.log<Event>(spec);
    const reason = new Error("no");
    let kept: (() => void) | undefined;
    const failed = log.transact((draft) => {
      draft.append({ type: "a" });
      kept = () => draft.append({ type: "late" });
      throw reason;
    });
    await expect(failed).rejects.toBe(reason);
    expect(() => kept?.()).toThrow(TypeError);
    expect(await log.read()).toEqual([]);
  });

  test("a rewrite keeps what it was given, counts anew, and cursors start over", async () => {
    const { store, again } = open();
    const log = store.log<Event>(spec);
    await log.append(new RecordLine('{"type": "a",  "n": 12345678901234567890}'));
    await log.appendMany([{ type: "b" }, { type: "c" }]);
    const cursor = again().log<Event>(spec).cursor();
    const seen: string[] = [];
    const sink = { apply: ({ type }: Event) => void seen.push(type), reset: () => void seen.splice(0) };
    await cursor.advance(sink);
    const receipt = await log.rewrite((entries) => [
      ...entries.filter(({ record }) => record.type !== "b"),
      { type: "d" },
    ]);
    expect(receipt).toMatchObject({ changed: true, position: 0, nextPosition: 3 });
    expect(await cursor.advance(sink)).toEqual({ entries: 3, reset: true, position: 3 });
    expect(seen).toEqual(["a", "c", "d"]);
    const [first] = await collect<StoreEntry<Event>>(log.entries());
    expect(first?.text).toBe('{"type": "a",  "n": 12345678901234567890}');
    expect(await log.append({ type: "e" })).toMatchObject({ position: 3 });
    expect((await collect(log.entries({ from: 2 }))).map(({ record }) => record.type)).toEqual(["d", "e"]);
  });

  test("follows from a position", async () => {
    const { store, again } = open();
    const log = store.log<Event>(spec);
    await log.appendMany([{ type: "a" }, { type: "b" }]);
    const seen: string[] = [];
    const following = (async () => {
      for await (const { record, position } of log.follow({ from: 1 })) {
        seen.push(`${position} ${record.type}`);
        if (record.type === "c") break;
      }
    })();
    await again().log<Event>(spec).append({ type: "c" });
    await following;
    expect(seen).toEqual(["1 b", "2 c"]);
  });
});

describe.each(engines)("%s: a part of one document that a transact moves to another", (_name, open) => {
  interface List {
    list: { id: number; done: boolean; more?: unknown }[];
  }
  const element = (id: number): List["list"][number] => ({ id, done: false });
  const lists = async (): Promise<{
    readonly store: Store;
    readonly one: StoreDocument<List>;
    readonly two: StoreDocument<List>;
  }> => {
    const { store } = open();
    const [one, two] = ["one.json", "two.json"].map((name) => store.document<List>({ name }));
    if (one === undefined || two === undefined) throw new TypeError("two names give two documents");
    await one.write({ list: [element(1), element(2)] });
    await two.write({ list: [element(3)] });
    return { store, one, two };
  };

  test.each([false, true])("arrives, whichever was named first (%s)", async (reversed) => {
    const { store, one, two } = await lists();
    await store.transact(reversed ? { two, one } : { one, two }, (tx) => {
      const [moved] = tx.one.draft.list.splice(0, 1);
      if (moved === undefined) throw new TypeError("there is none");
      moved.done = true;
      tx.two.draft.list.push(moved, { ...element(5), more: { kept: tx.one.draft.list[0] } });
    });
    expect((await one.read()).list).toEqual([element(2)]);
    expect((await two.read()).list).toEqual([
      element(3),
      { id: 1, done: true },
      { ...element(5), more: { kept: element(2) } },
    ]);
  });

  test.each([false, true])("may be in what replaces it (%s)", async (reversed) => {
    const { store, one, two } = await lists();
    await store.transact(reversed ? { two, one } : { one, two }, (tx) => {
      const [first] = tx.one.draft.list;
      if (first === undefined) throw new TypeError("there is none");
      first.done = true;
      tx.two.replace({ list: [first] });
      first.id = 7;
    });
    expect((await one.read()).list).toEqual([{ id: 7, done: true }, element(2)]);
    expect((await two.read()).list).toEqual([{ id: 7, done: true }]);
  });
});

describe.each(engines)("%s: locks and names", (_name, open) => {
  test("the lock of a document's name keeps its changes out", async () => {
    const { store, again } = open();
    const document = again().document<Count>(count);
    const lock = store.lock(count.name);
    const writer = await lock.acquire("exclusive");
    expect(writer.held).toBe(true);
    expect(await again().lock(count.name).tryAcquire("shared")).toBeUndefined();
    const late = document.update(() => undefined, { timeoutMs: 0 });
    await expect(late).rejects.toMatchObject({ code: "ERR_LOCK_TIMEOUT" });
    expect(await lock.inspect()).toMatchObject({ held: true });
    await writer.release();
    const nested = lock.withWrite(() => document.update(() => undefined));
    await expect(nested).rejects.toMatchObject({ code: "ERR_LOCK_REENTRY" });
    expect(await lock.withRead(({ mode }) => mode)).toBe("shared");
    const hold = await lock.acquire("shared");
    const other = await again().lock(count.name).tryAcquire("shared");
    expect(other?.held).toBe(true);
    await other?.release();
    await hold.release();
    expect(hold.held).toBe(false);
  });

  test.each([
    "",
    "/a",
    "a//b",
    "a/",
    "..",
    "a/../b",
    "./a",
    "a\0b",
    "a\nb",
    "a.",
    "a ",
    "con",
    "NUL.json",
    "a/lpt1.txt",
    "a\\b",
    "c:a",
    "e\u0301.json",
    "x".repeat(201),
    ".a.json.0123456789abcdef0123456789abcdef.staged",
    ".a.json.intent",
  ])("P10: %j is no name", (name) => {
    const { store } = open();
    for (const use of [() => store.document({ name }), () => store.log({ name }), () => store.lock(name)])
      expect(use).toThrow(expect.objectContaining({ code: "ERR_UNSAFE_PATH" }));
  });

  test("P10: what is no string is no name, whatever it would turn into", () => {
    const { store } = open();
    for (const name of [undefined, ["a.json"], { toString: () => "a.json" }, 7])
      expect(() => store.document({ name: name as never })).toThrow(TypeError);
  });

  test("one name is one thing, under one lock", () => {
    const { store } = open();
    store.document({ name: "a.json", layout: "gastown" });
    store.document({ name: "a.json", layout: "gastown", maxBytes: 10 });
    expect(() => store.log({ name: "a.json", layout: "gastown" })).toThrow(TypeError);
    expect(() => store.document({ name: "a.json" })).toThrow(TypeError);
  });

  test("P10: a name that differs from another in capitals alone is refused as a path, and says why", () => {
    const { store } = open();
    store.document({ name: "a.json" });
    expect(() => store.document({ name: "A.json" })).toThrow(
      expect.objectContaining({
        code: "ERR_UNSAFE_PATH",
        path: "A.json",
        message: expect.stringContaining("A.json and a.json differ in capitals alone"),
      }),
    );
  });

  test("lists what is there", async () => {
    const { store } = open();
    await store.document({ name: "top.json" }).write(1);
    await store.document({ name: "a/one.json" }).write(1);
    await store.log({ name: "a/two.jsonl" }).append(1);
    expect(await store.list("")).toEqual(["top.json"]);
    expect(await store.list("a")).toEqual(["a/one.json", "a/two.jsonl"]);
    expect(await store.list("nowhere")).toEqual([]);
  });

  test("closing finishes what is going on, ends watches, and refuses the rest", async () => {
    const { store } = open();
    const document = store.document<Count>(count);
    const log = store.log<Event>({ name: "log.jsonl" });
    await document.write({ count: 1 });
    const watching = collect(document.watch());
    const following = collect(log.follow());
    let done = false;
    const update = document.update(async (draft) => {
      await new Promise((resolve) => setImmediate(resolve));
      draft.count = 2;
      done = true;
    });
    await store.close();
    expect(done).toBe(true);
    await update;
    await watching;
    await following;
    for (const call of [
      document.read(),
      document.write({ count: 3 }),
      log.append({ type: "a" }),
      log.read(),
      store.list(""),
    ])
      await expect(call).rejects.toMatchObject({ code: "ERR_CLOSED" });
    expect(() => store.document(count)).toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
    await store.close();
  });

  test("D5: a fence that went stale while the work went on is refused, whatever the work", async () => {
    const { store, again } = open();
    const rival = again().document({ name: "rival.json" });
    const log = store.log<Event>({ name: "log.jsonl" });
    const document = store.document<Count>(count);
    let token = 1;
    const overtaken = async <R>(work: () => R): Promise<R> => {
      token += 1;
      await rival.write(token, { fence: { name: "lease", token: `${token}` } });
      return work();
    };
    const stale = { code: "ERR_STALE_FENCING_TOKEN" };
    const fence = (): { name: string; token: string } => ({ name: "lease", token: `${token}` });
    await expect(
      store.transact({ document }, (tx) => overtaken(() => void (tx.document.draft.count = 9)), {
        fence: fence(),
      }),
    ).rejects.toMatchObject(stale);
    await expect(
      log.transact((draft) => overtaken(() => draft.append({ type: "late" })), { fence: fence() }),
    ).rejects.toMatchObject(stale);
    await expect(
      log.rewrite(() => overtaken(() => [{ type: "late" }]), { fence: fence() }),
    ).rejects.toMatchObject(stale);
    await expect(
      document.update((draft) => overtaken(() => void (draft.count = 9)), { fence: fence() }),
    ).rejects.toMatchObject(stale);
    expect(await document.read()).toEqual({ count: 0 });
    expect(await log.read()).toEqual([]);
  });

  test("closing inside work of the store is refused at once, and the store stays open", async () => {
    const { store } = open();
    const document = store.document<Count>(count);
    await expect(store.transact({ document }, () => store.close())).rejects.toThrow(TypeError);
    await expect(document.update(() => store.close())).rejects.toThrow(TypeError);
    await document.update((draft) => void (draft.count = 1));
    let done = false;
    const held = store.lock("a/count.json").withWrite(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      done = true;
    });
    await store.close();
    expect(done).toBe(true);
    await held;
  });

  test("a lock is that of its document, and names of locks are no members", () => {
    const { store } = open();
    store.document({ name: "b.json", layout: "gastown" });
    expect(() => store.lock("b.json", { layout: "sidecar" })).toThrow(TypeError);
    store.lock("b.json");
    store.lock("c.json");
    expect(() => store.document({ name: "c.json", layout: "jit" })).toThrow(TypeError);
    for (const name of ["a.json.lock", "a.json.gate", "d/a.jsonl.lock.gate"])
      expect(() => store.document({ name })).toThrow(expect.objectContaining({ code: "ERR_UNSAFE_PATH" }));
    store.document({ name: "daemon.lock" });
    expect(() => store.lock("daemon")).toThrow(/one is where the lock of the other lies/);
    store.lock("tasks");
    expect(() => store.document({ name: "tasks.lock" })).toThrow(
      expect.objectContaining({ code: "ERR_UNSAFE_PATH", path: "tasks.lock" }),
    );
  });
});
