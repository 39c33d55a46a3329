import { chmodSync, chownSync, lchownSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sweepStagedFiles, withReadLock } from "../../src/index.ts";
import { leftoversIn } from "../store/temporary-store.ts";
import { interrupted } from "./interrupted.ts";
import { roundsOf } from "./three-members.ts";

const somebodyElse = 1234;
const unsafe = { code: "ERR_UNSAFE_PATH" };

/** What tells of an interrupted commit, by the names it has in a directory. */
const claims = {
  "the link beside the file": (name: string) => name === ".events.jsonl.intent",
  "the record": (name: string) => /^\.[0-9a-f]{32}\.intent$/.test(name),
  "the staged lines": (name: string) => /^\.events\.jsonl\.[0-9a-f]{32}\.staged$/.test(name),
};

type Claim = keyof typeof claims;

/** A commit that was interrupted in a directory of that mode, and what tells of it there, one of which is given away. */
async function claimed(claim: Claim, mode: number, owner = somebodyElse) {
  const members = await interrupted();
  const { directory } = members;
  chmodSync(directory, mode);
  const [name, ...others] = readdirSync(directory).filter(claims[claim]);
  if (name === undefined || others.length > 0) throw new Error(`not one of ${claim}`);
  lchownSync(join(directory, name), owner, owner);
  return { ...members, log: join(directory, "events.jsonl"), planted: join(directory, name) };
}

const each = Object.keys(claims) as Claim[];

describe.skipIf(process.getuid?.() !== 0)("what says that a transact was interrupted", () => {
  it.each(each)("P11: is not obeyed where anybody may have planted %s", async (claim) => {
    const { directory, events, store, log, planted } = await claimed(claim, 0o1777);
    const before = readFileSync(log, "utf8");
    const left = leftoversIn(directory);
    await expect(events.append({ round: 5, line: 1 })).rejects.toMatchObject({ ...unsafe, path: log });
    await expect(events.append({ round: 5, line: 1 })).rejects.toThrow(`${planted} says that`);
    await expect(events.transact(() => undefined)).rejects.toMatchObject(unsafe);
    await expect(store.transact({ events }, (tx) => tx.events.append())).rejects.toMatchObject(unsafe);
    expect(readFileSync(log, "utf8")).toBe(before);
    expect(leftoversIn(directory)).toEqual(left);
    await withReadLock(log, () => undefined); // its lock is free
    lchownSync(planted, 0, 0);
    await events.transact(() => undefined);
    expect(readFileSync(log, "utf8")).not.toBe(before);
  });

  it("P11: is not obeyed by whoever comes by another file of the commit", async () => {
    const { left, events, directory, log, planted } = await claimed("the link beside the file", 0o1777);
    const before = readFileSync(log, "utf8");
    await left.update((draft) => void (draft.round += 0));
    await sweepStagedFiles(directory).catch(() => undefined);
    expect((await left.read()).round).toBe(1);
    expect(readFileSync(log, "utf8")).toBe(before);
    lchownSync(planted, 0, 0);
    await events.transact(() => undefined);
    expect(readFileSync(log, "utf8")).not.toBe(before);
  });

  it.each(each)("is obeyed where it is the file's owner's: %s", async (claim) => {
    const members = await claimed(claim, 0o1777);
    chownSync(members.log, somebodyElse, somebodyElse);
    await members.events.transact(() => undefined);
    expect((await roundsOf(members))[2]).toBe(1);
    if (claim !== "the record") return;
    expect((await roundsOf(members))[0], "a file that is not its owner's").toBe(0);
    lchownSync(members.planted, 0, 0);
    await members.left.readLocked();
  });

  it.each([
    ["nobody else may write there", 0o1755],
    ["anybody may replace anything", 0o777],
  ])("is obeyed where %s", async (_, mode) => {
    const members = await claimed("the link beside the file", mode);
    await members.events.append({ round: 2, line: 1 });
    expect(await roundsOf(members)).toEqual([1, 1, 1]);
    expect(leftoversIn(members.directory)).toEqual([]);
  });
});
