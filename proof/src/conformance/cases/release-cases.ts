import { add, counter, deepEqual, equal, ok, refuses, turns, type StoreCase } from "../case.ts";

/** L3 and L4: who lets go of a lock, and what death does. */
export const releaseCases: readonly StoreCase[] = [
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
];
