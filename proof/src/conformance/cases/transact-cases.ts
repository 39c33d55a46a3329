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
  pending,
} from "../case.ts";
import type { Store } from "../core.ts";

function three(store: Store) {
  return { one: counter(store, "one.json"), two: counter(store, "two.json"), log: items(store) };
}

async function values(store: Store): Promise<unknown> {
  const { one, two, log } = three(store);
  return [(await one.read()).count, (await two.read()).count, (await log.read()).map(({ id }) => id)];
}

const needs = ["transact"] as const;

/** Several members, one commit. */
export const transactCases: readonly StoreCase[] = [
  {
    promise: "transact",
    name: "all members change together, and receipts tell what became of each",
    needs,
    async run({ store, open }) {
      const receipt = await store.transact(three(store), ({ one, two, log }) => {
        one.draft.count = 1;
        two.draft.count = 2;
        log.append(item("a"), item("b"));
        return "done";
      });
      deepEqual([receipt.value, receipt.changed], ["done", true]);
      deepEqual([receipt.members.one.value, receipt.members.log.nextPosition], [{ count: 1 }, 2]);
      deepEqual(await values(store), [1, 2, ["a", "b"]]);
      deepEqual(await values(await open()), [1, 2, ["a", "b"]]);
      equal((await counter(store, "one.json").readWithRevision()).revision, receipt.members.one.revision);
    },
  },
  {
    promise: "transact",
    name: "work that throws changes no member, and its error is the call's",
    needs,
    async run({ store }) {
      await counter(store, "one.json").write({ count: 5 });
      const reason = new Error("no");
      const failing = store.transact(three(store), ({ one, two, log }) => {
        one.draft.count = 1;
        two.draft.count = 2;
        log.append(item("a"));
        throw reason;
      });
      equal(await refuses(() => failing, "Error"), reason);
      deepEqual(await values(store), [5, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "a member that may not be what it would become fails all of them",
    needs,
    async run({ store }) {
      const picky = store.document<Count>({
        name: "picky.json",
        defaults: () => ({ count: 0 }),
        maxBytes: 20,
      });
      const failing = store.transact({ ...three(store), picky }, (tx) => {
        tx.one.draft.count = 1;
        tx.log.append(item("a"));
        tx.picky.draft.count = 1;
        (tx.picky.draft as unknown as { text: string }).text = "x".repeat(50);
      });
      await refuses(() => failing, "ERR_TOO_LARGE");
      deepEqual(await values(store), [0, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "nothing is seen before the commit, by anybody",
    needs,
    async run({ store, open }) {
      const other = await open();
      await store.transact(three(store), async ({ one, two, log }) => {
        one.draft.count = 1;
        two.draft.count = 2;
        log.append(item("a"));
        await turns(3);
        deepEqual(await values(other), [0, 0, []]);
        deepEqual(await values(store), [0, 0, []]);
      });
      deepEqual(await values(other), [1, 2, ["a"]]);
    },
  },
  {
    promise: "transact",
    name: "a draft starts from what others wrote, and tells its revision",
    needs,
    async run({ store, open }) {
      const other = await open();
      await counter(store, "one.json").read();
      const { revision } = await counter(other, "one.json").write({ count: 4 });
      await items(other).append(item("a"));
      await store.transact(three(store), async ({ one, log }) => {
        deepEqual([one.value, one.revision, one.draft.count], [{ count: 4 }, revision, 4]);
        deepEqual([log.tail, await log.records()], [1, [item("a")]]);
      });
    },
  },
  {
    promise: "transact",
    name: "work that changes nothing says so",
    needs,
    async run({ store }) {
      await counter(store, "one.json").write({ count: 1 });
      const { changed, members } = await store.transact(
        three(store),
        ({ one }) => void (one.draft.count = 1),
      );
      deepEqual([changed, members.one.changed, members.log.changed], [false, false, false]);
    },
  },
  {
    promise: "transact",
    name: "a draft can be replaced as a whole",
    needs,
    async run({ store }) {
      await store.transact(three(store), ({ one }) => one.replace({ count: 8 }));
      deepEqual(await counter(store, "one.json").read(), { count: 8 });
    },
  },
  {
    promise: "transact",
    name: "a draft that escapes its work is of no effect",
    needs,
    async run({ store }) {
      let later: (() => void) | undefined;
      await store.transact(three(store), ({ one, log }) => {
        one.draft.count = 1;
        later = () => {
          one.replace({ count: 99 });
          log.append(item("late"));
        };
      });
      try {
        later?.();
      } catch {
        // Refusing is as good.
      }
      deepEqual(await values(store), [1, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "a transact inside another is refused at once, and the outer one goes on",
    needs,
    async run({ store }) {
      await store.transact(three(store), async ({ one }) => {
        one.draft.count = 1;
        const inner = () => store.transact({ two: counter(store, "two.json") }, ({ two }) => add(two.draft));
        await refuses(inner, "ERR_LOCK_REENTRY");
      });
      deepEqual(await values(store), [1, 0, []]);
    },
  },
  {
    promise: "transact",
    name: "changing a member beside its draft is refused at once",
    needs,
    async run({ store }) {
      await store.transact(three(store), async ({ one }) => {
        one.draft.count = 1;
        await refuses(() => counter(store, "two.json").update(add), "ERR_LOCK_REENTRY");
        await refuses(() => items(store).append(item("a")), "ERR_LOCK_REENTRY");
      });
      deepEqual(await values(store), [1, 0, []]);
    },
  },
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
    name: "a member of another store, no member, and one member twice are mistakes that are named",
    needs,
    async run({ store, open }) {
      const other = await open();
      const mistakes = [
        () => store.transact({ one: counter(other, "one.json") }, () => undefined),
        () => store.transact({}, () => undefined),
        () =>
          store.transact({ one: counter(store, "x.json"), same: counter(store, "x.json") }, () => undefined),
      ];
      for (const mistake of mistakes) {
        const error = await mistake().then(
          () => undefined,
          (reason: unknown) => reason,
        );
        ok(error instanceof TypeError || error instanceof RangeError, `it said ${String(error)}`);
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
  {
    promise: "transact",
    name: "records appended in a transact are idempotent as elsewhere",
    needs,
    async run({ store }) {
      const log = store.log<{ id: string }>({ name: "items.jsonl", idOf: ({ id }) => id });
      await log.append(item("a"));
      const { members } = await store.transact({ log, one: counter(store, "one.json") }, (tx) => {
        tx.log.append(item("b"), item("a"));
        tx.one.draft.count = 1;
      });
      deepEqual([members.log.duplicates, members.log.nextPosition], [[1], 2]);
      deepEqual(await values(store), [1, 0, ["a", "b"]]);
    },
  },
];
