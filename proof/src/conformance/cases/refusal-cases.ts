import { leases, type LockTimeoutError } from "../core.ts";
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

/** L7, of locks that are held for a moment, those behind leases and fences too. */
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
  {
    promise: "L7",
    name: "a wait for a lease ends in time though it is the file behind it that is locked",
    async run({ store, open }) {
      await (await leases(store).acquire("job")).release();
      const hold = await (await open()).lock("leases.json").acquire("exclusive");
      for (const timeoutMs of [0, 20]) {
        const error = await refuses(() => leases(store).acquire("job", { timeoutMs }), "ERR_LOCK_TIMEOUT");
        equal((error as LockTimeoutError).timeoutMs, timeoutMs);
      }
      await hold.release();
      const lease = await leases(store).acquire("job", { timeoutMs: 0 });
      await lease.release();
    },
  },
  {
    promise: "L7",
    name: "the time limit and the signal of a call end its wait for the register of fences, too",
    needs: ["transact"],
    async run({ store, open }) {
      const [document, log] = [counter(store), items(store)];
      const fence = { name: "job", token: "7" };
      const hold = await (await open()).lock(".flockwork/fencing-tokens.json").acquire("exclusive");
      const code = "ERR_LOCK_TIMEOUT";
      for (const wait of [soon, { timeoutMs: 0 }]) {
        const options = { ...wait, fence };
        await refuses(() => document.write({ count: 9 }, options), code);
        await refuses(() => document.remove(options), code);
        await refuses(() => log.append(item(9), options), code);
        await refuses(() => log.rewrite(() => [item(9)], options), code);
        const work = (): void => undefined;
        await refuses(() => store.transact({ document }, work, options), code);
        await refuses(() => leases(store).acquire("job", wait), code);
      }
      const controller = new AbortController();
      const waiting = pending(document.update(add, { fence, signal: controller.signal }));
      await turns(3);
      const reason = new Error("enough");
      controller.abort(reason);
      equal(await refuses(() => waiting, "Error"), reason);
      await hold.release();
      deepEqual([await document.read(), await log.read()], [{ count: 0 }, []]);
      await document.update(add, { fence });
      await leases(store).acquire("job", { timeoutMs: 0 });
    },
  },
];
