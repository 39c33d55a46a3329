import { describe, expect, test } from "vitest";
import { fileStore, memoryStore, type Fence, type Store } from "../../src/index.ts";
import { temporaryDirectory } from "./temporary-store.ts";

interface Count {
  count: number;
}

const older: Fence = { name: "leader", token: "7" };
const newer: Fence = { name: "leader", token: "8" };
const lost: Fence = {
  name: "leader",
  token: "9",
  assertHeld: () => {
    throw new Error("lost by its own clock");
  },
};

const engines: readonly (readonly [string, () => Store])[] = [
  ["fileStore", () => fileStore(temporaryDirectory())],
  ["memoryStore", () => memoryStore()],
];

describe.each(engines)("%s", (_name, open) => {
  test("D5: once a token has written, an older one is refused everywhere, and nothing is written", async () => {
    const store = open();
    const document = store.document<Count>({ name: "count.json", defaults: () => ({ count: 0 }) });
    const other = store.document<Count>({ name: "other.json", defaults: () => ({ count: 0 }) });
    const log = store.log<Count>({ name: "log.jsonl" });
    const add = (draft: Count): void => void (draft.count += 1);
    await document.update(add, { fence: older });
    await document.update(add, { fence: newer });
    const refused = [
      () => document.update(add, { fence: older }),
      () => document.write({ count: 9 }, { fence: older }),
      () => document.remove({ fence: older }),
      () => other.update(add, { fence: older }),
      () => log.append({ count: 1 }, { fence: older }),
      () => log.transact((draft) => draft.append({ count: 1 }), { fence: older }),
      () => log.rewrite(() => [{ count: 1 }], { fence: older }),
      () => store.transact({ document, log }, (tx) => tx.log.append({ count: 1 }), { fence: older }),
    ];
    for (const call of refused)
      await expect(call()).rejects.toMatchObject({ code: "ERR_STALE_FENCING_TOKEN" });
    expect([await document.read(), await other.read(), await log.read()]).toEqual([
      { count: 2 },
      { count: 0 },
      [],
    ]);
    await store.transact(
      { document, log },
      (tx) => {
        tx.document.draft.count += 1;
        tx.log.append({ count: 1 });
      },
      { fence: newer },
    );
    expect([await document.read(), await log.read()]).toEqual([{ count: 3 }, [{ count: 1 }]]);
  });

  test("a lease that is lost by its holder's clock writes nothing, and its neighbours in the queue are not concerned", async () => {
    const store = open();
    const document = store.document<Count>({ name: "count.json", defaults: () => ({ count: 0 }) });
    const log = store.log<Count>({ name: "log.jsonl" });
    const add = (draft: Count): void => void (draft.count += 1);
    const calls = [document.update(add), document.update(add, { fence: lost }), document.update(add)];
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(log.append({ count: 1 }, { fence: lost })).rejects.toThrow("lost by its own clock");
    const together = store.transact({ document, log }, (tx) => tx.log.append({ count: 1 }), { fence: lost });
    await expect(together).rejects.toThrow("lost by its own clock");
    expect([await document.read(), await log.read()]).toEqual([{ count: 2 }, []]);
  });
});
