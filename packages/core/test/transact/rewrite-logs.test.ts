import { appendFileSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  CommitUncertainError,
  fileStore,
  type LogDraft,
  sidecar,
  type LockLayout,
  type StoreLog,
} from "../../src/index.ts";
import { failingAfter } from "../atomic/faults.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";

/** Both logs have the lock of the first. */
const together: LockLayout = {
  name: "of one",
  locate: (target) => sidecar.locate(target.replace(/[^/]*$/, "one.jsonl")),
};

interface Logs {
  readonly directory: string;
  readonly one: StoreLog<number>;
  readonly two: StoreLog<number>;
  readonly rewrite: () => Promise<unknown>;
}

async function prepared(options: { layout?: LockLayout; onCorrupt?: "quarantine" } = {}): Promise<Logs> {
  const directory = realpathSync(temporaryDirectory());
  const store = fileStore(directory);
  const one = store.log<number>({ name: "one.jsonl", ...options });
  const two = store.log<number>({ name: "two.jsonl", ...options });
  await one.appendMany([1, 2, 3]);
  await two.appendMany([10, 20, 30]);
  const rewrite = (): Promise<unknown> =>
    store.transact({ one, two }, async (tx) => {
      for (const log of [tx.one, tx.two]) log.rewrite((await log.entries()).slice(1));
    });
  return { directory, one, two, rewrite };
}

/** The commit has its record, and from then on every call failed. */
async function interrupted(options: { layout?: LockLayout } = {}): Promise<Logs> {
  const logs = await prepared(options);
  const named = (name: string, args: readonly unknown[]): boolean =>
    name === "renameSync" && String(args[1]).endsWith(".intent");
  const outcome = await failingAfter(named, logs.rewrite);
  expect(outcome.status === "rejected" && outcome.reason).toBeInstanceOf(CommitUncertainError);
  expect(leftoversIn(logs.directory)).toContain(".one.jsonl.intent");
  return logs;
}

const textOf = ({ directory }: Logs, name: string): string => readFileSync(join(directory, name), "utf8");

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => void process.on("warning", note));
afterEach(() => {
  process.off("warning", note);
  warnings.length = 0;
});

test.each([undefined, together])(
  "whoever appends to one log finishes the rewriting of both",
  async (layout) => {
    const logs = await interrupted(layout === undefined ? {} : { layout });
    await logs.two.append(40);
    expect([textOf(logs, "one.jsonl"), textOf(logs, "two.jsonl")]).toEqual(["2\n3\n", "20\n30\n40\n"]);
    expect(leftoversIn(logs.directory)).toEqual([]);
  },
);

test("a line that a neighbour appended after the crash goes behind what the log becomes", async () => {
  const logs = await interrupted();
  appendFileSync(join(logs.directory, "one.jsonl"), "4\n");
  await logs.two.append(40);
  await logs.one.append(5);
  expect([textOf(logs, "one.jsonl"), textOf(logs, "two.jsonl")]).toEqual(["2\n3\n4\n5\n", "20\n30\n40\n"]);
  expect(leftoversIn(logs.directory)).toEqual([]);
});

test("a log that is new, and was finished by somebody who died before saying so, is not written twice", async () => {
  const directory = realpathSync(temporaryDirectory());
  const store = fileStore(directory);
  const one = store.log<number>({ name: "one.jsonl" });
  const named = (name: string, args: readonly unknown[]): boolean =>
    name === "renameSync" && String(args[1]).endsWith(".intent");
  const two = store.log<number>({ name: "two.jsonl" });
  await failingAfter(named, () =>
    store.transact({ one, two }, (tx) => [tx.one, tx.two].forEach((log) => log.rewrite([1, 2]))),
  );
  expect(leftoversIn(directory)).toContain(".one.jsonl.intent");
  writeFileSync(join(directory, "one.jsonl"), "1\n2\n");
  writeFileSync(join(directory, "two.jsonl"), "1\n2\n3\n"); // with a line of a neighbour behind
  await one.append(4);
  expect(await Promise.all([one.read(), two.read()])).toEqual([
    [1, 2, 4],
    [1, 2, 3],
  ]);
  expect(leftoversIn(directory)).toEqual([]);
});

test.each(["transact of a log", "transact of a store"])(
  "whoever reads another log of the same lock, in a %s, finds what was interrupted there finished",
  async (way) => {
    const directory = realpathSync(temporaryDirectory());
    const store = fileStore(directory);
    const one = store.log<number>({ name: "one.jsonl", layout: together });
    const two = store.log<number>({ name: "two.jsonl", layout: together });
    const ledger = store.log<number>({ name: "ledger.jsonl" });
    await two.append(1);
    const named = (name: string, args: readonly unknown[]): boolean =>
      name === "renameSync" && String(args[1]).endsWith(".intent");
    await failingAfter(named, () =>
      store.transact({ two, ledger }, (tx) => (tx.two.append(2), tx.ledger.append(7))),
    );
    const seen: number[] = [];
    const cursor = two.cursor();
    const look = async (draft: Pick<LogDraft<number>, "advance">): Promise<void> =>
      void (await draft.advance(cursor, {
        apply: (record) => void seen.push(record),
        reset: () => undefined,
      }));
    if (way === "transact of a log") await one.transact(look);
    else await store.transact({ one }, (tx) => look(tx.one));
    expect(seen).toEqual([1, 2]);
    expect(await ledger.read()).toEqual([7]);
    expect(leftoversIn(directory)).toEqual([]);
  },
);

test("what a neighbour rewrote after the crash stays, and what the log was to become is kept aside", async () => {
  const logs = await interrupted();
  writeFileSync(join(logs.directory, "one.jsonl"), "7\n");
  await logs.one.append(8);
  expect(await logs.one.read()).toEqual([7, 8]);
  expect(await logs.two.read()).toEqual([20, 30]);
  const aside = readdirSync(logs.directory).filter((name) => name.includes(".conflict-"));
  expect(aside.map((name) => textOf(logs, name))).toEqual(["2\n3\n"]);
});

test("damaged lines are moved aside by the rewriting, torn ones before it", async () => {
  const logs = await prepared({ onCorrupt: "quarantine" });
  writeFileSync(join(logs.directory, "one.jsonl"), "1\n{damaged\n2\n{torn");
  await logs.rewrite();
  expect(textOf(logs, "one.jsonl")).toBe("2\n");
  const aside = readdirSync(logs.directory).filter((name) => /\.(?:corrupt|torn)-/.test(name));
  expect(aside.map((name) => textOf(logs, name)).toSorted()).toEqual(["{damaged\n", "{torn"]);
});

test("a log that somebody without a lock appended to meanwhile is not rewritten, and nothing else is", async () => {
  const logs = await prepared();
  const store = fileStore(logs.directory);
  const [one, two] = [store.log<number>({ name: "one.jsonl" }), store.log<number>({ name: "two.jsonl" })];
  const rewriting = store.transact({ one, two }, async (tx) => {
    tx.two.rewrite([]);
    tx.one.rewrite((await tx.one.entries()).slice(1));
    appendFileSync(join(logs.directory, "one.jsonl"), "4\n");
  });
  await expect(rewriting).rejects.toMatchObject({ code: "ERR_REVISION_CONFLICT" });
  expect([textOf(logs, "one.jsonl"), textOf(logs, "two.jsonl")]).toEqual(["1\n2\n3\n4\n", "10\n20\n30\n"]);
  expect(leftoversIn(logs.directory)).toEqual([]);
});
