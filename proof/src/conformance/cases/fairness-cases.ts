import { deepEqual, ok, turns, type StoreCase } from "../case.ts";

/** L6, as far as a store declares any order. */
export const fairnessCases: readonly StoreCase[] = [
  {
    promise: "L6",
    name: "waiters of one process are served in the order they came",
    needs: ["order"],
    async run({ store }) {
      const served: number[] = [];
      const hold = await store.lock("a").acquire("exclusive");
      const waiting = Array.from({ length: 12 }, (_, at) =>
        store.lock("a").withWrite(() => void served.push(at)),
      );
      await hold.release();
      await Promise.all(waiting);
      deepEqual(served, [...served.keys()]);
    },
  },
  {
    promise: "L6",
    name: "a higher priority is served first",
    needs: ["priority"],
    async run({ store }) {
      const served: string[] = [];
      const hold = await store.lock("a").acquire("exclusive");
      const wait = (name: string, priority: number) =>
        store.lock("a").withWrite(() => void served.push(name), { priority });
      const waiting = [wait("low", 0), wait("lower", -5), wait("high", 9), wait("high too", 9)];
      await turns(2);
      await hold.release();
      await Promise.all(waiting);
      deepEqual(served, ["high", "high too", "low", "lower"]);
    },
  },
  {
    promise: "L6",
    name: "nobody is passed more than 64 times",
    needs: ["priority"],
    async run({ store }) {
      const served: string[] = [];
      const hold = await store.lock("a").acquire("exclusive");
      const wait = (name: string, priority: number) =>
        store.lock("a").withWrite(() => void served.push(name), { priority });
      const waiting = [wait("low", 0)];
      for (let at = 0; at < 100; at += 1) waiting.push(wait("high", 5));
      await turns(2);
      await hold.release();
      await Promise.all(waiting);
      ok(served.indexOf("low") <= 64, `low was served as number ${served.indexOf("low") + 1}`);
    },
  },
  {
    promise: "L6",
    name: "readers that overlap do not starve a writer",
    needs: ["order", "sharedLocks"],
    async run({ store }) {
      let isOver = false;
      const readUntilOver = async (): Promise<void> => {
        for (let at = 0; at < 2_000 && !isOver; at += 1) {
          await store.lock("a").withRead(() => turns(2));
        }
      };
      const readers = [readUntilOver(), turns(1).then(readUntilOver), turns(2).then(readUntilOver)];
      await turns(4);
      await store.lock("a").withWrite(() => void (isOver = true), { timeoutMs: 20_000 });
      await Promise.all(readers);
      ok(isOver);
    },
  },
];
