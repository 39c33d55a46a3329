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
  type StoreCase,
  pending,
} from "../case.ts";

const soon = { timeoutMs: 20 } as const;

/** L1, L3, L4, L7: locks that are held for a moment. */
export const lockCases: readonly StoreCase[] = [
  {
    promise: "L1",
    name: "an exclusive hold keeps a second one out",
    async run({ store }) {
      const hold = await store.lock("a").acquire("exclusive");
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await hold.release();
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "an exclusive hold keeps readers out",
    needs: ["sharedLocks"],
    async run({ store }) {
      await store.lock("a").acquire("exclusive");
      equal(await store.lock("a").tryAcquire("shared"), undefined);
    },
  },
  {
    promise: "L1",
    name: "readers hold a lock side by side, and keep a writer out",
    needs: ["sharedLocks"],
    async run({ store }) {
      const [one, two] = [
        await store.lock("a").acquire("shared"),
        await store.lock("a").tryAcquire("shared"),
      ];
      ok(two);
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await one.release();
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await two.release();
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "a second store on the same data has the same locks",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("a").acquire("exclusive");
      equal(await other.lock("a").tryAcquire("exclusive"), undefined);
      await hold.release();
      ok(await other.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "sections of one process never overlap",
    async run({ store }) {
      let inside = 0;
      let most = 0;
      const section = async (): Promise<void> => {
        most = Math.max(most, (inside += 1));
        await turns(2);
        inside -= 1;
      };
      await Promise.all(Array.from({ length: 20 }, () => store.lock("a").withWrite(section)));
      equal(most, 1);
    },
  },
  {
    promise: "L1",
    name: "sections of two stores never overlap",
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      let inside = 0;
      const section = async (): Promise<void> => {
        equal((inside += 1), 1);
        await turns(2);
        inside -= 1;
      };
      const calls = Array.from({ length: 20 }, (_, at) =>
        stores[at % 2 === 0 ? 0 : 1].lock("a").withWrite(section),
      );
      await Promise.all(calls);
    },
  },
  {
    promise: "L1",
    name: "a lock held by another process keeps us out until it lets go",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      equal(await other.tell({ verb: "acquire", name: "a" }), "acquired");
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await refuses(() => store.lock("a").acquire("exclusive", soon), "ERR_LOCK_TIMEOUT");
      const waiting = pending(store.lock("a").acquire("exclusive"));
      await other.tell({ verb: "release", name: "a" });
      ok((await waiting).held);
    },
  },
  {
    promise: "L1",
    name: "a lock held here keeps another process out until it is released",
    needs: ["peer"],
    async run({ store, peer }) {
      const other = await peer();
      const hold = await store.lock("a").acquire("exclusive");
      equal(await other.tell({ verb: "try", name: "a" }), "busy");
      await hold.release();
      equal(await other.tell({ verb: "try", name: "a" }), "granted");
    },
  },
  {
    promise: "L1",
    name: "locks of two names are independent",
    async run({ store }) {
      await store.lock("a").acquire("exclusive");
      ok(await store.lock("b").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L1",
    name: "holding the lock of a document's name keeps its changes out",
    async run({ store, open }) {
      const other = await open();
      await counter(store).write({ count: 1 });
      const hold = await store.lock("count.json").acquire("exclusive");
      await refuses(() => counter(other).update(add, soon), "ERR_LOCK_TIMEOUT");
      await hold.release();
      deepEqual(await counter(store).read(), { count: 1 });
      await counter(other).update(add);
    },
  },
  {
    promise: "L1",
    name: "holding the lock of a log's name keeps appends out",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("items.jsonl").acquire("exclusive");
      await refuses(() => items(other).append(item(1), soon), "ERR_LOCK_TIMEOUT");
      await hold.release();
      equal((await items(other).append(item(2))).position, 0);
    },
  },
  {
    promise: "L1",
    name: "inspecting tells whether a lock is held and how, and takes nothing",
    async run({ store }) {
      equal((await store.lock("a").inspect()).held, false);
      const hold = await store.lock("a").acquire("exclusive");
      const { held, mode } = await store.lock("a").inspect();
      deepEqual({ held, mode }, { held: true, mode: "exclusive" });
      await hold.release();
      equal((await store.lock("a").inspect()).held, false);
    },
  },
  {
    promise: "L3",
    name: "releasing again does not release the next holder's",
    async run({ store }) {
      const first = await store.lock("a").acquire("exclusive");
      await first.release();
      const second = await store.lock("a").acquire("exclusive");
      await first.release();
      equal(second.held, true);
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
    },
  },
  {
    promise: "L3",
    name: "a hold knows that it was released",
    async run({ store }) {
      const hold = await store.lock("a").acquire("exclusive");
      deepEqual([hold.held, hold.mode, hold.signal.aborted], [true, "exclusive", false]);
      hold.assertHeld();
      await Promise.all([hold.release(), hold.release()]);
      equal(hold.held, false);
    },
  },
  {
    promise: "L3",
    name: "disposing of a hold releases it",
    async run({ store }) {
      const hold = await store.lock("a").acquire("exclusive");
      await hold[Symbol.asyncDispose]();
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L3",
    name: "work that throws releases the lock, and its error is the call's",
    async run({ store }) {
      const reason = new Error("work failed");
      const failed = await refuses(() => store.lock("a").withWrite(() => Promise.reject(reason)), "Error");
      equal(failed, reason);
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L4",
    name: "the death of a holder frees the lock at once",
    needs: ["peer", "killHolder", "sessionLocks"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "acquire", name: "a" });
      await nemesis.killHolder(other.program);
      ok(await store.lock("a").acquire("exclusive", { timeoutMs: 5_000 }));
    },
  },
  {
    promise: "L4",
    name: "the death of a reader lets a writer in",
    needs: ["peer", "killHolder", "sharedLocks", "sessionLocks"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "acquire", name: "a", mode: "shared" });
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await nemesis.killHolder(other.program);
      ok(await store.lock("a").acquire("exclusive", { timeoutMs: 5_000 }));
    },
  },
  {
    promise: "L4",
    name: "who dies waiting is not granted anything",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      const hold = await store.lock("a").acquire("exclusive");
      const other = await peer();
      other.send({ verb: "acquire", name: "a" });
      await turns(5);
      await nemesis.killHolder(other.program);
      await hold.release();
      ok(await store.lock("a").acquire("exclusive", { timeoutMs: 5_000 }));
    },
  },
  {
    promise: "L4",
    name: "a pause does not free the lock of a session",
    needs: ["peer", "pauseHolder", "sessionLocks"],
    async run({ store, peer, nemesis }) {
      const other = await peer();
      await other.tell({ verb: "acquire", name: "a" });
      const resume = await nemesis.pauseHolder(other.program);
      equal(await store.lock("a").tryAcquire("exclusive"), undefined);
      await refuses(() => store.lock("a").acquire("exclusive", { timeoutMs: 100 }), "ERR_LOCK_TIMEOUT");
      await resume();
      await other.tell({ verb: "release", name: "a" });
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L4",
    name: "who dies in the middle of an update leaves the old value and a free lock",
    needs: ["peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      await counter(store).write({ count: 1 });
      const other = await peer();
      equal(await other.tell({ verb: "hang in update", name: "count.json" }), "begun");
      await nemesis.killHolder(other.program);
      const { value } = await counter(store).update(add, { timeoutMs: 5_000 });
      deepEqual(value, { count: 2 });
    },
  },
  {
    promise: "L7",
    name: "a wait that timed out is granted nothing later",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("a").acquire("exclusive");
      await refuses(() => other.lock("a").acquire("exclusive", soon), "ERR_LOCK_TIMEOUT");
      await hold.release();
      await turns(3);
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L7",
    name: "an aborted wait rejects with the reason and is granted nothing later",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("a").acquire("exclusive");
      const controller = new AbortController();
      const waiting = pending(other.lock("a").acquire("exclusive", { signal: controller.signal }));
      await turns();
      const reason = new Error("enough");
      controller.abort(reason);
      equal(await refuses(() => waiting, "Error"), reason);
      await hold.release();
      await turns(3);
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L7",
    name: "an abort as the lock is granted never leaves it held by nobody",
    async run({ store, open }) {
      const other = await open();
      for (let round = 0; round < 20; round += 1) {
        const hold = await store.lock("a").acquire("exclusive");
        const controller = new AbortController();
        const waiting = pending(other.lock("a").acquire("exclusive", { signal: controller.signal }));
        await turns(round % 4);
        const released = hold.release();
        controller.abort(new Error("enough"));
        await waiting.then((late) => late.release()).catch(() => undefined);
        await released;
        const next = await store.lock("a").acquire("exclusive", { timeoutMs: 5_000 });
        await next.release();
      }
    },
  },
  {
    promise: "L7",
    name: "a signal that has aborted already gets nothing",
    async run({ store }) {
      const signal = AbortSignal.abort(new Error("never mind"));
      await refuses(() => store.lock("a").acquire("exclusive", { signal }), "Error");
      ok(await store.lock("a").tryAcquire("exclusive"));
    },
  },
  {
    promise: "L7",
    name: "a timeout of 0 tries once",
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("a").acquire("exclusive");
      await refuses(() => other.lock("a").acquire("exclusive", { timeoutMs: 0 }), "ERR_LOCK_TIMEOUT");
      await hold.release();
      ok((await other.lock("a").acquire("exclusive", { timeoutMs: 0 })).held);
    },
  },
  {
    promise: "L7",
    name: "work whose lock was not granted does not run",
    async run({ store, open }) {
      const other = await open();
      await store.lock("a").acquire("exclusive");
      let ran = false;
      await refuses(() => other.lock("a").withWrite(() => void (ran = true), soon), "ERR_LOCK_TIMEOUT");
      equal(ran, false);
    },
  },
];
