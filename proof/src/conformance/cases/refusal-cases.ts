import { equal, ok, refuses, turns, type StoreCase, pending } from "../case.ts";

const soon = { timeoutMs: 20 } as const;

/** L7, of locks that are held for a moment. */
export const refusalCases: readonly StoreCase[] = [
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
