import { deepEqual, item, items, ok, take, turns, type Item, type StoreCase, pending } from "../case.ts";

/** G4. */
export const followCases: readonly StoreCase[] = [
  {
    promise: "G4",
    name: "who reads while others append sees a longer and longer beginning of one order",
    async run({ store, open }) {
      const reader = items(await open());
      let isOver = false;
      const all = Promise.all(Array.from({ length: 40 }, (_, at) => items(store).append(item(at))));
      const appending = pending(all.finally(() => (isOver = true)));
      const reads: (readonly Item[])[] = [];
      while (!isOver) {
        reads.push(await reader.read());
        await turns();
      }
      await appending;
      const order = await reader.read();
      let before = 0;
      for (const read of reads) {
        ok(read.length >= before);
        deepEqual(read, order.slice(0, read.length));
        before = read.length;
      }
    },
  },
  {
    promise: "G4",
    name: "a decision that takes long lets nobody's record stand where its own will",
    async run({ store, open }) {
      const other = await open();
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const slow = items(store).transact(async (draft) => {
        const { tail } = draft;
        begun.resolve();
        await end.promise;
        draft.append(item("slow"));
        return tail;
      });
      await begun.promise;
      const quick = items(other).append(item("quick"));
      await turns(3);
      deepEqual(await items(other).read(), []);
      end.resolve();
      const { position, value } = await slow;
      deepEqual([value, position, (await quick).position], [0, 0, 1]);
      deepEqual(await items(store).read(), [item("slow"), item("quick")]);
    },
  },
  {
    promise: "G4",
    name: "who follows sees every record once and in order, whoever appends it",
    needs: ["watch"],
    async run({ store, open }) {
      const other = await open();
      await items(store).append(item(0));
      const following = take(items(store).follow({ signal: AbortSignal.timeout(30_000) }), 21);
      for (let at = 1; at <= 20; at += 1) await items(at % 2 === 0 ? store : other).append(item(at));
      const seen = await following;
      deepEqual(
        seen.map(({ record }) => Number(record.id)),
        [...seen.keys()],
      );
      deepEqual(
        seen.map(({ position }) => position),
        [...seen.keys()],
      );
    },
  },
  {
    promise: "G4",
    name: "who follows while a process appends sees every record once and in order",
    needs: ["watch", "peer"],
    async run({ store, peer }) {
      const other = await peer();
      const appended = other.tell({ verb: "append", name: "items.jsonl", prefix: "", times: 25 });
      const seen = await take(items(store).follow({ signal: AbortSignal.timeout(30_000) }), 25);
      await appended;
      deepEqual(
        seen.map(({ record }) => Number(record.id)),
        [...seen.keys()],
      );
    },
  },
  {
    promise: "G4",
    name: "who follows from a position begins there, and ends without an error when told",
    needs: ["watch"],
    async run({ store }) {
      await items(store).appendMany([0, 1, 2, 3].map(item));
      const controller = new AbortController();
      const seen: number[] = [];
      for await (const { position } of items(store).follow({ from: 2, signal: controller.signal })) {
        seen.push(position);
        if (seen.length === 2) controller.abort();
      }
      deepEqual(seen, [2, 3]);
    },
  },
  {
    promise: "G4",
    name: "who follows is told of a rewrite, and sees all of it",
    needs: ["watch"],
    async run({ store, open }) {
      const other = await open();
      await items(store).appendMany([0, 1, 2].map(item));
      let resets = 0;
      const seen: string[] = [];
      const options = { signal: AbortSignal.timeout(30_000), onReset: () => void (resets += 1) };
      for await (const { record } of items(store).follow(options)) {
        seen.push(record.id);
        if (seen.length === 3) await items(other).rewrite(() => [item("x"), item("y")]);
        if (record.id === "y") break;
      }
      deepEqual([resets, seen], [1, ["0", "1", "2", "x", "y"]]);
    },
  },
];
