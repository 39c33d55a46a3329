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
} from "../case.ts";
import { needs, three, values } from "./three-members.ts";

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
