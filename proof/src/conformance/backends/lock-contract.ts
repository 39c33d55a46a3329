import { symlinkSync, writeFileSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  acquireLock,
  acquireLockSync,
  lockAll,
  tryAcquireLock,
  withReadLock,
  withWriteLock,
  withWriteLockSync,
} from "../../harness/core.ts";
import { equal, errorOf, ok, type ContractCase } from "./contract.ts";

/** P1, P2, P13 and the rules of waiting. */
export const lockContract: readonly ContractCase[] = [
  {
    name: "P1: a lock held here keeps another process out until it is released",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      const lock = await acquireLock(path, "exclusive", options);
      equal(await other.tell({ verb: "try", path }), "busy");
      await lock.release();
      equal(await other.tell({ verb: "try", path }), "granted");
    },
  },
  {
    name: "P1: a lock held by another process keeps us out, asynchronously and synchronously",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      await other.tell({ verb: "acquire", path });
      equal(await tryAcquireLock(path, "exclusive", options), undefined);
      const error = await errorOf(acquireLock(path, "exclusive", { ...options, timeoutMs: 20 }));
      equal(error.code, "ERR_LOCK_TIMEOUT");
      const again = await errorOf(
        Promise.resolve().then(() => acquireLockSync(path, "exclusive", { ...options, timeoutMs: 20 })),
      );
      equal(again.code, "ERR_LOCK_TIMEOUT");
      await other.tell({ verb: "release", path });
      await withWriteLock(path, () => undefined, options);
    },
  },
  {
    name: "P1: a waiter gets the lock when the holder lets go",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      const lock = await acquireLock(path, "exclusive", options);
      const answer = other.tell({ verb: "acquire", path });
      await nextTurn();
      await lock.release();
      equal(await answer, "acquired");
    },
  },
  {
    name: "P1: readers share, and keep writers out",
    needsShared: true,
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      await withReadLock(
        path,
        async () => {
          equal(await other.tell({ verb: "try", path, mode: "shared" }), "granted");
          equal(await other.tell({ verb: "try", path, mode: "exclusive" }), "busy");
        },
        options,
      );
    },
  },
  {
    name: "P2: the death of a holder frees the lock",
    needsShared: true, // a lease outlives its holder by design
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      await other.tell({ verb: "acquire", path });
      await other.kill();
      ok((await tryAcquireLock(path, "exclusive", options)) !== undefined, "it is still held");
    },
  },
  {
    name: "P13: asking again for what this flow holds is refused at once",
    async run({ directory, options }) {
      const path = `${directory}/data`;
      await withWriteLock(
        path,
        async () => {
          equal((await errorOf(acquireLock(path, "exclusive", options))).code, "ERR_LOCK_REENTRY");
          const sync = Promise.resolve().then(() => withWriteLockSync(path, () => undefined, options));
          equal((await errorOf(sync)).code, "ERR_LOCK_REENTRY");
        },
        options,
      );
    },
  },
  {
    name: "P13: many locks taken in opposite orders by two callers never deadlock",
    async run({ directory, options }) {
      const paths = ["a", "b", "c"].map((name) => `${directory}/${name}`);
      const rounds = Array.from({ length: 40 }, (_, at) =>
        lockAll(at % 2 === 0 ? paths : paths.toReversed(), () => nextTurn(), options),
      );
      await Promise.all(rounds);
    },
  },
  {
    name: "an aborted wait rejects with the reason, and nothing is held afterwards",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      await other.tell({ verb: "acquire", path });
      const controller = new AbortController();
      const waiting = acquireLock(path, "exclusive", { ...options, signal: controller.signal });
      await nextTurn();
      const reason = new Error("enough");
      controller.abort(reason);
      equal(await errorOf(waiting), reason);
      await other.tell({ verb: "release", path });
      equal(await other.tell({ verb: "try", path }), "granted");
    },
  },
  {
    name: "work that throws releases the lock, and its error is the call's",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      const other = await peer();
      const reason = new Error("work failed");
      equal(await errorOf(withWriteLock(path, () => Promise.reject(reason), options)), reason);
      equal(await other.tell({ verb: "try", path }), "granted");
    },
  },
  {
    name: "callers of one process are served in turn",
    async run({ directory, options }) {
      const path = `${directory}/data`;
      const order: number[] = [];
      const calls = Array.from({ length: 20 }, (_, at) =>
        withWriteLock(path, () => void order.push(at), options),
      );
      await Promise.all(calls);
      equal(order.join(), Array.from({ length: 20 }, (_, at) => at).join());
    },
  },
  {
    name: "P9: a symbolic link and its target share one lock",
    async run({ directory, options, peer }) {
      const path = `${directory}/data`;
      writeFileSync(path, "");
      symlinkSync(path, `${directory}/link`);
      const other = await peer();
      const lock = await acquireLock(`${directory}/link`, "exclusive", options);
      equal(await other.tell({ verb: "try", path }), "busy");
      await lock.release();
    },
  },
];
