import {
  add,
  counter,
  deepEqual,
  equal,
  refuses,
  turns,
  type Count,
  type StoreCase,
  pending,
} from "../case.ts";
import { needs, three, values } from "./three-members.ts";

/** Several members, one commit, whoever else is about or dies. */
export const transactRivalCases: readonly StoreCase[] = [
  {
    promise: "transact",
    name: "transacts that name their members in different orders never deadlock, and add up",
    needs,
    async run({ store, open }) {
      const stores = [store, await open()] as const;
      const calls = Array.from({ length: 20 }, (_, at) => {
        const chosen = stores[at % 2 === 0 ? 0 : 1];
        const { one, two } = three(chosen);
        const both = ({ one: mine, two: theirs }: { one: { draft: Count }; two: { draft: Count } }): void => {
          add(mine.draft);
          add(theirs.draft);
        };
        return at % 4 < 2 ? chosen.transact({ one, two }, both) : chosen.transact({ two, one }, both);
      });
      await Promise.all(calls);
      deepEqual(await values(store), [20, 20, []]);
    },
  },
  {
    promise: "transact",
    name: "who reads under transact sees a sum that never changes",
    needs,
    async run({ store, open }) {
      const other = await open();
      await counter(store, "one.json").write({ count: 100 });
      const { one, two } = three(store);
      const moving = Promise.all(
        Array.from({ length: 15 }, () =>
          store.transact({ one, two }, async (tx) => {
            tx.one.draft.count -= 1;
            await turns();
            tx.two.draft.count += 1;
          }),
        ),
      );
      void pending(moving);
      for (let at = 0; at < 8; at += 1) {
        const sum = await other.transact(
          { one: counter(other, "one.json"), two: counter(other, "two.json") },
          (tx) => tx.one.value.count + tx.two.value.count,
        );
        equal(sum.value, 100);
      }
      await moving;
      deepEqual(await values(store), [85, 15, []]);
    },
  },
  {
    promise: "transact",
    name: "transacts of several processes keep a sum",
    needs: ["transact", "peer"],
    async run({ store, peer }) {
      const others = [await peer(), await peer()];
      const [from, to] = ["one.json", "two.json"];
      const moves = others.map((other, at) =>
        other.tell({ verb: "move", from: at === 0 ? from : to, to: at === 0 ? to : from, times: 12 }),
      );
      const sums = [];
      const members = { one: counter(store, from), two: counter(store, to) };
      for (let at = 0; at < 6; at += 1)
        sums.push(await store.transact(members, (tx) => tx.one.value.count + tx.two.value.count));
      deepEqual(await Promise.all(moves), ["moved", "moved"]);
      deepEqual(
        sums.map(({ value }) => value),
        [0, 0, 0, 0, 0, 0],
      );
      deepEqual(await values(store), [0, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "who dies in the middle of a transact leaves no trace, and free members",
    needs: ["transact", "peer", "killHolder"],
    async run({ store, peer, nemesis }) {
      await counter(store, "one.json").write({ count: 1 });
      const other = await peer();
      equal(await other.tell({ verb: "hang in transact", name: "one.json" }), "begun");
      await nemesis.killHolder(other.program);
      await store.transact(three(store), ({ one }) => add(one.draft), { timeoutMs: 10_000 });
      deepEqual(await values(store), [2, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "killed anywhere, transacts have moved all or nothing",
    needs: ["transact", "peer", "killHolder"],
    async run({ store, peer, nemesis, random }) {
      const [from, to] = ["one.json", "two.json"];
      for (let round = 0; round < 3; round += 1) {
        const other = await peer();
        other.send({ verb: "move", from, to, times: 1_000 });
        const seen = random.between(1, 12);
        const target = (await counter(store, to).read()).count + seen;
        while ((await counter(store, to).read()).count < target) await turns();
        await nemesis.killHolder(other.program);
        const members = { one: counter(store, from), two: counter(store, to) };
        const { value } = await store.transact(members, (tx) => tx.one.value.count + tx.two.value.count);
        equal(value, 0);
      }
    },
  },
  {
    promise: "transact",
    name: "a transact that waited in vain changes nothing",
    needs,
    async run({ store, open }) {
      const other = await open();
      const hold = await store.lock("two.json").acquire("exclusive");
      const late = () => other.transact(three(other), ({ one }) => add(one.draft), { timeoutMs: 50 });
      await refuses(late, "ERR_LOCK_TIMEOUT");
      deepEqual(await values(store), [0, 0, []]);
      await counter(other, "one.json").update(add, { timeoutMs: 5_000 });
      await hold.release();
      deepEqual(await values(store), [1, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "an aborted wait for members rejects with the reason and holds nothing",
    needs,
    async run({ store, open }) {
      const other = await open();
      const reason = new Error("enough");
      const hold = await store.lock("two.json").acquire("exclusive");
      const controller = new AbortController();
      const waiting = pending(other.transact(three(other), () => undefined, { signal: controller.signal }));
      await turns(3);
      controller.abort(reason);
      equal(await refuses(() => waiting, "Error"), reason);
      await hold.release();
      await store.transact(three(store), ({ one }) => add(one.draft), { timeoutMs: 5_000 });
      deepEqual(await values(store), [1, 0, []]);
    },
  },
];
