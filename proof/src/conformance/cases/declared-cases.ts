import type { Store } from "../core.ts";
import {
  add,
  counter,
  deepEqual,
  equal,
  item,
  items,
  ok,
  refuses,
  type Count,
  type StoreCase,
  collect,
  pending,
} from "../case.ts";

/** What a store does not declare it refuses: `is` tells whether it declares it, `use` uses it. */
const features: readonly {
  readonly feature: string;
  readonly is: (store: Store) => boolean;
  readonly use: (store: Store) => Promise<unknown>;
}[] = [
  {
    feature: "merge",
    is: ({ capabilities }) => capabilities.merge,
    use: async (store) => {
      await store.document({ name: "x.json", merge: "fields" }).write({ a: 1 });
    },
  },
  {
    feature: "watching",
    is: ({ capabilities }) => capabilities.watch,
    use: async (store) => {
      await counter(store)
        .watch({ signal: AbortSignal.timeout(5_000) })
        .next();
    },
  },
  {
    feature: "following",
    is: ({ capabilities }) => capabilities.watch,
    use: async (store) => {
      await items(store).append(item(1));
      for await (const _ of items(store).follow({ signal: AbortSignal.timeout(5_000) })) break;
    },
  },
  {
    feature: "transact",
    is: ({ capabilities }) => capabilities.transactScope !== "none",
    use: (store) => store.transact({ count: counter(store) }, ({ count }) => void (count.draft.count = 1)),
  },
  {
    feature: "shared locks",
    is: ({ capabilities }) => capabilities.sharedLocks,
    use: (store) => store.lock("a").acquire("shared"),
  },
  {
    feature: "reading under lock",
    is: ({ capabilities }) => capabilities.sharedLocks,
    use: (store) => counter(store).readLocked(),
  },
  ...(["disk", "os"] as const).map((durability) => ({
    feature: `durability "${durability}"`,
    is: ({ capabilities }: Store) => capabilities.durability.includes(durability),
    use: (store: Store) => store.document({ name: "x.json", durability }).write({ a: 1 }),
  })),
];

/** A declared capability works, an undeclared one is refused. */
export const declaredCases: readonly StoreCase[] = [
  ...features.map(({ feature, is, use }): StoreCase => ({
    promise: "declared",
    name: `${feature} works where it is declared, and is refused where it is not`,
    async run({ store }) {
      if (is(store)) await use(store);
      else await refuses(() => use(store), "ERR_UNSUPPORTED");
    },
  })),
  {
    promise: "declared",
    name: "a layout works where layouts are declared, and is ignored where they are not",
    async run({ store, open }) {
      const spec = {
        name: ".flowforge/tasks.json",
        defaults: () => ({ count: 0 }),
        layout: "flowforge",
      } as const;
      const other = await open();
      const changes = Array.from({ length: 10 }, (_, at) =>
        (at % 2 === 0 ? store : other).document<Count>(spec).update(add),
      );
      await Promise.all(changes);
      deepEqual(await store.document<Count>(spec).read(), { count: 10 });
      const hold = await store.lock(spec.name).acquire("exclusive");
      equal(await other.lock(spec.name).tryAcquire("exclusive"), undefined);
      await hold.release();
    },
  },
  {
    promise: "declared",
    name: "what is declared is of a known kind, and the same for every store on the data",
    async run({ store, open }) {
      const { capabilities } = store;
      ok(["session", "lease"].includes(capabilities.lockKind));
      ok(["none", "fifo", "priority"].includes(capabilities.fairness));
      ok(["memory", "files", "server"].includes(capabilities.medium));
      ok(["none", "store"].includes(capabilities.transactScope));
      ok(["local", "server"].includes(capabilities.leaseClock));
      ok(["lease", "store"].includes(capabilities.tokenScope));
      ok(
        capabilities.durability.length > 0 &&
          capabilities.durability.every((each) => ["disk", "os"].includes(each)),
      );
      ok(capabilities.maxDocumentBytes > 0);
      equal(JSON.stringify((await open()).capabilities), JSON.stringify(capabilities));
    },
  },
];

const closed = "ERR_CLOSED";

/** Closing ends what it says, and nothing else. */
export const closeCases: readonly StoreCase[] = [
  {
    promise: "close",
    name: "a closed store opens nothing",
    async run({ store }) {
      await store.close();
      const calls: (() => unknown)[] = [
        () => store.document({ name: "x.json" }),
        () => store.log({ name: "x.jsonl" }),
        () => store.lock("a"),
        () => store.list(""),
      ];
      for (const call of calls) await refuses(call, closed);
    },
  },
  {
    promise: "close",
    name: "handles of a closed store read nothing and write nothing",
    async run({ store, open }) {
      const [document, log, lock] = [counter(store), items(store), store.lock("a")];
      await document.write({ count: 1 });
      await log.append(item(1));
      await store.close();
      const calls: (() => unknown)[] = [
        () => document.read(),
        () => document.readLocked(),
        () => document.update((draft) => void (draft.count = 9)),
        () => document.write({ count: 9 }),
        () => document.remove(),
        () => log.append(item(9)),
        () => log.appendMany([item(9)]),
        () => log.read(),
        () => log.rewrite(() => []),
        () => log.transact((draft) => draft.append(item(9))),
        () => lock.acquire("exclusive"),
        () => lock.tryAcquire("exclusive"),
        () => store.transact({ document }, (tx) => void (tx.document.draft.count = 9)),
      ];
      for (const call of calls) await refuses(call, closed);
      const other = await open();
      equal((await counter(other).read()).count, 1);
      equal((await items(other).read()).length, 1);
    },
  },
  {
    promise: "close",
    name: "closing waits for what is going on, and that succeeds",
    async run({ store, open }) {
      const changes = [
        ...Array.from({ length: 5 }, () => counter(store).update((draft) => void (draft.count += 1))),
        items(store).append(item(1)),
      ];
      const closing = store.close();
      await closing;
      await Promise.all(changes);
      const other = await open();
      equal((await counter(other).read()).count, 5);
      equal((await items(other).read()).length, 1);
    },
  },
  {
    promise: "close",
    name: "closing again does nothing, and disposing closes",
    async run({ store }) {
      await Promise.all([store.close(), store.close()]);
      await store[Symbol.asyncDispose]();
      await refuses(() => store.document({ name: "x.json" }), closed);
    },
  },
  {
    promise: "close",
    name: "closing ends watches and followers without an error",
    needs: ["watch"],
    async run({ store }) {
      await counter(store).write({ count: 1 });
      const watch = counter(store).watch();
      await watch.next();
      const next = pending(watch.next());
      const following = collect(items(store).follow());
      await store.close();
      equal((await next).done, true);
      equal((await following).length, 0);
    },
  },
  {
    promise: "close",
    name: "closing one store leaves others on the same data alone",
    async run({ store, open }) {
      const other = await open();
      const hold = await other.lock("a").acquire("exclusive");
      await store.close();
      equal(hold.held, true);
      await counter(other).update((draft) => void (draft.count += 1));
      equal((await counter(other).read()).count, 1);
      await hold.release();
    },
  },
];
