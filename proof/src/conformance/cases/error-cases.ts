import { StoreError } from "../core.ts";
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
  collect,
  pending,
} from "../case.ts";

const unsafe = "ERR_UNSAFE_PATH";

const unsafeNames = [
  "",
  "..",
  "../x.json",
  "/x.json",
  "a/../../x.json",
  "a//x.json",
  "a\\x.json",
  "a\0.json",
  "./x.json",
  "a/",
];

/** Errors are typed, say what was attempted, and change nothing. */
export const errorCases: readonly StoreCase[] = [
  ...unsafeNames.map((name): StoreCase => ({
    promise: "errors",
    name: `${JSON.stringify(name)} is no name of a document, a log or a lock`,
    async run({ store }) {
      await refuses(() => store.document({ name }), "ERR_UNSAFE_PATH");
      await refuses(() => store.log({ name }), "ERR_UNSAFE_PATH");
      await refuses(() => store.lock(name), "ERR_UNSAFE_PATH");
    },
  })),
  {
    promise: "errors",
    name: "a missing document without defaults is an error to read, and is not made by it",
    async run({ store }) {
      const document = store.document<Count>({ name: "count.json" });
      await refuses(() => document.read(), "ERR_READ_FAILED");
      await refuses(() => document.update(add), "ERR_READ_FAILED");
      deepEqual(await store.list(""), []);
    },
  },
  {
    promise: "errors",
    name: "a missing log is an empty one, and is not made by reading",
    async run({ store }) {
      deepEqual(await items(store).read(), []);
      deepEqual(await collect(items(store).entries()), []);
      deepEqual(await store.list(""), []);
    },
  },
  {
    promise: "errors",
    name: "a recipe that throws does not disturb those beside it",
    async run({ store }) {
      const reason = new Error("no");
      const calls = [0, 1, 2, 3].map((at) =>
        counter(store).update((draft) => {
          add(draft);
          if (at % 2 === 1) throw reason;
        }),
      );
      const settled = await Promise.allSettled(calls);
      deepEqual(
        settled.map((each) => (each.status === "rejected" ? each.reason : "done")),
        ["done", reason, "done", reason],
      );
      deepEqual(await counter(store).read(), { count: 2 });
    },
  },
  {
    promise: "errors",
    name: "one name is a document or a log, not both",
    async run({ store }) {
      await counter(store, "x.json").write({ count: 1 });
      await refuses(() => store.log({ name: "x.json" }), "TypeError");
    },
  },
  {
    promise: "errors",
    name: "changing a document inside a change of it is refused at once",
    async run({ store }) {
      await counter(store).update(async (draft) => {
        add(draft);
        await refuses(() => counter(store).update(add), "ERR_LOCK_REENTRY");
      });
      deepEqual(await counter(store).read(), { count: 1 });
    },
  },
  {
    promise: "errors",
    name: "taking a lock inside itself is refused at once",
    async run({ store }) {
      await store.lock("a").withWrite(async () => {
        await refuses(() => store.lock("a").withWrite(() => undefined), "ERR_LOCK_REENTRY");
        await refuses(() => store.lock("a").acquire("exclusive"), "ERR_LOCK_REENTRY");
      });
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "errors",
    name: "misuse is a TypeError or a RangeError that names the option, and changes nothing",
    async run({ store }) {
      const document = counter(store);
      const bad = { expectedRevision: 7 } as unknown as { expectedRevision: string };
      await refuses(() => document.update(add, bad), "TypeError");
      const error = await refuses(() => document.update(add, { timeoutMs: Number.NaN }), "RangeError");
      ok(error.message.includes("timeoutMs"));
      await refuses(() => items(store).append(item(1), { expectedTail: -1 }), "RangeError");
      await refuses(() => document.update("no" as unknown as () => void), "TypeError");
      deepEqual([await document.read(), await items(store).read()], [{ count: 0 }, []]);
    },
  },
  {
    promise: "errors",
    name: "null where a fence or members belong is a TypeError that names them",
    needs: ["transact"],
    async run({ store }) {
      const [document, log] = [counter(store), items(store)];
      const nothing = null as never;
      const fenced = { fence: nothing };
      const work = (): void => undefined;
      for (const [named, call] of [
        ["fence", () => document.update(add, fenced)],
        ["fence", () => document.write({ count: 9 }, fenced)],
        ["fence", () => document.remove(fenced)],
        ["fence", () => log.append(item(9), fenced)],
        ["fence", () => log.rewrite(() => [], fenced)],
        ["fence", () => store.transact({ document }, work, fenced)],
        ["members", () => store.transact(nothing, work)],
        ["members", () => store.transact([document] as never, work)],
        ["members.document", () => store.transact({ document: nothing }, work)],
      ] as const) {
        const { message } = await refuses(call, "TypeError");
        ok(message.startsWith(`${named} must`) || message.startsWith(`${named}.`), message);
      }
      deepEqual([await document.read(), await log.read()], [{ count: 0 }, []]);
    },
  },
  {
    promise: "errors",
    name: "a refusal says what was attempted, on what, and is one of ours",
    async run({ store }) {
      const error = await refuses(() => store.document({ name: "missing.json" }).read(), "ERR_READ_FAILED");
      ok(error instanceof StoreError);
      ok(error.message.includes("missing.json"), error.message);
    },
  },
  {
    promise: "errors",
    name: "a change that was aborted while it waited changes nothing",
    async run({ store, open }) {
      const other = await open();
      const reason = new Error("enough");
      const hold = await store.lock("count.json").acquire("exclusive");
      const controller = new AbortController();
      const waiting = pending(counter(other).update(add, { signal: controller.signal }));
      await turns(3);
      controller.abort(reason);
      equal(await refuses(() => waiting, "Error"), reason);
      await hold.release();
      deepEqual(await counter(store).read(), { count: 0 });
    },
  },
  {
    promise: "errors",
    name: "nothing is called a/b where a is a document or a log, whoever asks",
    needs: ["transact"],
    async run({ store, open }) {
      const other = await open();
      await counter(store, "a").write({ count: 1 });
      await items(store, "log").append(item(1));
      for (const below of ["a/b", "a/b/c", "log/b"]) {
        const [document, log] = [counter(other, below), items(store, below)];
        const calls: (() => unknown)[] = [
          () => document.read(),
          () => document.readLocked(),
          () => document.write({ count: 2 }),
          () => document.update(add),
          () => document.remove(),
          () => log.read(),
          () => log.append(item(1)),
          () => collect(log.entries()),
          () => store.transact({ log }, (tx) => tx.log.append(item(1))),
          () => other.lock(below).acquire("exclusive"),
        ];
        for (const call of calls) await refuses(call, unsafe);
      }
      deepEqual(await store.list(""), ["a", "log"]);
      deepEqual(await store.list("a"), []);
      await counter(other, "a").remove();
      const third = await open();
      const both = { a: counter(third, "a"), below: counter(third, "a/b") };
      await refuses(() => third.transact(both, (tx) => void (tx.below.draft.count = 9)), unsafe);
      await both.below.write({ count: 3 });
      deepEqual(await other.list("a"), ["a/b"]);
    },
  },
  {
    promise: "errors",
    name: "nothing but a lock is called a where something is called a/b, or was",
    needs: ["transact"],
    async run({ store, open }) {
      const other = await open();
      await counter(store, "a/b").write({ count: 1 });
      await counter(store, "a/b").remove();
      await (await store.lock("l/b").acquire("exclusive")).release();
      for (const above of ["a", "l"]) {
        const [document, log] = [counter(other, above), items(store, above)];
        const calls: (() => unknown)[] = [
          () => document.read(),
          () => document.readLocked(),
          () => document.write({ count: 2 }),
          () => document.remove(),
          () => log.read(),
          () => log.append(item(1)),
          () => store.transact({ log }, (tx) => tx.log.append(item(1))),
        ];
        for (const call of calls) await refuses(call, unsafe);
        await (await other.lock(above).acquire("exclusive")).release();
      }
      deepEqual(await store.list(""), []);
    },
  },
  {
    promise: "errors",
    name: "a store lists the names directly below a directory, and nothing of its own",
    async run({ store }) {
      await counter(store, "b.json").write({ count: 1 });
      await counter(store, "a.json").update(add);
      await items(store, "deep/down/items.jsonl").append(item(1));
      deepEqual(await store.list(""), ["a.json", "b.json"]);
      deepEqual(await store.list("deep"), []);
      deepEqual(await store.list("deep/down"), ["deep/down/items.jsonl"]);
      deepEqual(await store.list("nowhere"), []);
    },
  },
  {
    promise: "errors",
    name: "a list tells a document called like a lock from a lock, and shows nothing that was put aside",
    async run({ store, open }) {
      await counter(store, "agent.lock").write({ count: 1 });
      await counter(store, "old.staged").write({ count: 1 });
      await counter(store, "torn.torn-x").write({ count: 1 });
      await counter(store, "x.torn-20200101T000000Z-deadbeef").write({ count: 1 });
      const shown = ["agent.lock", "old.staged", "torn.torn-x"];
      deepEqual(await store.list(""), shown);
      await (await store.lock("job").acquire("exclusive")).release();
      await counter(store, "bare").write({ count: 1 });
      deepEqual(await (await open()).list(""), ["agent.lock", "bare", ...shown.slice(1)]);
      await counter(await open(), "agent").write({ count: 1 });
      deepEqual(await store.list(""), ["agent", "bare", ...shown.slice(1)]);
    },
  },
];
