import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import type { Fence } from "../../src/lease/fence.ts";
import { leaseLost } from "../../src/lease/lease-errors.ts";
import { leases } from "../../src/lease/leases.ts";
import { fileStore } from "../../src/store/file-store.ts";
import type { StoreDocument } from "../../src/store/store-document.ts";
import type { StoreLog } from "../../src/store/store-log.ts";
import type { Store } from "../../src/store/store.ts";
import { temporaryDirectory } from "../atomic/surroundings.ts";

interface Members {
  readonly store: Store;
  readonly document: StoreDocument<number[]>;
  readonly log: StoreLog<{ n: number }>;
  /** What runs inside the change, where the change has an inside. */
  readonly within: () => void;
}

type Write = (members: Members, fence: Fence) => Promise<unknown>;

/** Every way to write under a lease. */
const writes: Readonly<Record<string, Write>> = {
  "a document's update": ({ document, within }, fence) =>
    document.update(
      (draft) => {
        within();
        draft.push(1);
      },
      { fence },
    ),
  "a document's write": ({ document }, fence) => document.write([7], { fence }),
  "a log's append": ({ log }, fence) => log.append({ n: 1 }, { fence }),
  "a log's appendMany": ({ log }, fence) => log.appendMany([{ n: 1 }, { n: 2 }], { fence }),
  "a log's transact": ({ log, within }, fence) =>
    log.transact(
      (draft) => {
        within();
        draft.append({ n: 1 });
      },
      { fence },
    ),
  "a log's rewrite": ({ log, within }, fence) =>
    log.rewrite(
      () => {
        within();
        return [{ n: 9 }];
      },
      { fence },
    ),
  "a commit of several": ({ store, document, log, within }, fence) =>
    store.transact(
      { document, log },
      (drafts) => {
        within();
        drafts.document.draft.push(1);
        drafts.log.append({ n: 1 });
      },
      { fence },
    ),
};

function newMembers(): Members & { readonly contents: () => string; lose: () => void } {
  const directory = temporaryDirectory();
  const store = fileStore(directory);
  const members = {
    store,
    document: store.document<number[]>({ name: "document.json", defaults: () => [] }),
    log: store.log<{ n: number }>({ name: "log.jsonl" }),
    lose: () => {},
    within: () => members.lose(),
    /** Everything that is stored, but for locks and leases. */
    contents: () =>
      readdirSync(directory)
        .filter((name) => !/\.lock|leases/.test(name) && existsSync(join(directory, name)))
        .filter((name) => name !== ".flockwork")
        .map((name) => `${name}: ${readFileSync(join(directory, name), "utf8")}`)
        .join("\n"),
  };
  return members;
}

test.each(Object.entries(writes))(
  "D5: %s under a stale token changes nothing, under the latest one it does",
  async (_, write) => {
    const members = newMembers();
    await members.document.write([0]);
    await members.log.append({ n: 0 });
    const book = leases(members.store);
    const first = await book.acquire("build");
    await first.release();
    const second = await book.acquire("build");
    const before = members.contents();
    const { name, token } = first.fence;
    await expect(write(members, { name, token })).rejects.toMatchObject({
      code: "ERR_STALE_FENCING_TOKEN",
      lease: "build",
      presented: token,
      current: second.token,
    });
    await expect(write(members, first.fence)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
    expect(members.contents()).toBe(before);
    await write(members, second.fence);
    expect(members.contents()).not.toBe(before);
    await second.release();
  },
);

test.each(Object.entries(writes).filter(([, write]) => String(write).includes("within")))(
  "L5: %s whose lease is lost while it is being made changes nothing",
  async (_, write) => {
    const members = newMembers();
    await members.document.write([0]);
    await members.log.append({ n: 0 });
    const before = members.contents();
    let lost = false;
    members.lose = () => (lost = true);
    const fence = {
      name: "build",
      token: "7",
      assertHeld: () => {
        if (lost) throw leaseLost("build", 1, "it was not renewed in time");
      },
    };
    await expect(write(members, fence)).rejects.toMatchObject({ code: "ERR_LEASE_LOST" });
    expect(lost).toBe(true);
    expect(members.contents()).toBe(before);
    lost = false;
    members.lose = () => {};
    await write(members, fence);
    expect(members.contents()).not.toBe(before);
  },
);

test("D5: changes under different leases, made at the same time, each get their own answer", async () => {
  const { document, store } = newMembers();
  const held = await Promise.all(["a", "b", "c"].map((name) => leases(store).acquire(name)));
  const stale = { name: "b", token: "1" };
  const outcomes = await Promise.allSettled([
    ...held.map((lease, n) => document.update((draft) => void draft.push(n), { fence: lease.fence })),
    document.update((draft) => void draft.push(99), { fence: stale }),
    document.update((draft) => void draft.push(3)),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect((await document.read()).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  for (const lease of held) await lease.release();
});
