import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { closeAppendFiles, CommitUncertainError, StoreError, sweepStagedFiles } from "../../src/index.ts";
import { descriptorsIn } from "../atomic/surroundings.ts";
import { countingCalls, failingAt } from "../atomic/faults.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";
import { openThree, prepareThree, roundsOf, type ThreeMembers } from "./three-members.ts";

const commit = ({ store, left, right, events }: ThreeMembers): Promise<unknown> =>
  store.transact({ left, right, events }, (tx) => {
    tx.left.draft.round = 1;
    tx.right.draft.round = 1;
    tx.events.append({ round: 1, line: 1 }, { round: 1, line: 2 });
  });

test.each([
  ["EIO", [false, true]],
  ["ENOSPC", [false]],
] as const)(
  "P6: %s at any file call leaves all members old or all new, and the error says which",
  async (code, ways) => {
    const counted = temporaryDirectory();
    await prepareThree(counted);
    const { calls } = await countingCalls(() => commit(openThree(counted)));
    const found = { old: 0, new: 0, uncertain: 0 };
    for (const onward of ways) {
      for (let n = 0; n < calls.length; n += 1) {
        const directory = temporaryDirectory();
        await prepareThree(directory);
        closeAppendFiles();
        const members = openThree(directory);
        const { outcome } = await failingAt(n, code, onward, () => commit(members));
        const at = `call ${n} (${calls[n]}), onward: ${onward}: ${outcome.status === "rejected" ? String(outcome.reason) : "done"}`;
        const isUncertain = outcome.status === "rejected" && outcome.reason instanceof CommitUncertainError;
        if (outcome.status === "rejected" && !onward) expect(outcome.reason, at).toBeInstanceOf(StoreError);
        expect(
          descriptorsIn(directory).filter((path) => !path.endsWith(".flock")),
          at,
        ).toEqual([]);
        // Only after an uncertain one is there anything to be finished.
        if (!isUncertain)
          expect(await roundsOf(members), at).toEqual(outcome.status === "fulfilled" ? [1, 1, 1] : [0, 0, 0]);
        if (!isUncertain && !onward && outcome.status === "rejected")
          expect(leftoversIn(directory), at).toEqual([]);
        await members.left.update((draft) => void (draft.round += 0), { timeoutMs: 1_000 });
        await members.right.readLocked({ timeoutMs: 1_000 });
        await members.events.transact(() => undefined, { timeoutMs: 1_000 });
        const rounds = await roundsOf(members);
        expect([[0, 0, 0].join(), [1, 1, 1].join()], at).toContain(rounds.join());
        found[isUncertain ? "uncertain" : rounds[0] === 1 ? "new" : "old"] += 1;
        const names = readdirSync(directory);
        expect(
          names.filter((name) => name.includes(".conflict-")),
          at,
        ).toEqual([]);
        // What could not be removed is swept by the next process, or by whoever asks for it.
        await sweep(directory);
        expect(leftoversIn(directory), at).toEqual([]);
      }
    }
    expect(found.old).toBeGreaterThan(20);
    expect(found.new).toBeGreaterThan(2);
    expect(found.uncertain).toBeGreaterThan(3);
  },
  30_000,
);

test.each(["EIO", "EMFILE"])(
  "P6: %s at any file call of a commit of one log ends in a typed error, also right before its line is written",
  async (code) => {
    const line = ({ store, events }: ThreeMembers): Promise<unknown> =>
      store.transact({ events }, (tx) => tx.events.append({ round: 1, line: 1 }));
    const counted = temporaryDirectory();
    await prepareThree(counted);
    const { calls } = await countingCalls(() => line(openThree(counted)));
    let refused = 0;
    for (let n = 0; n < calls.length; n += 1) {
      const directory = temporaryDirectory();
      await prepareThree(directory);
      closeAppendFiles();
      const { outcome } = await failingAt(n, code, false, () => line(openThree(directory)));
      if (outcome.status === "fulfilled") continue;
      refused += 1;
      expect(outcome.reason, `call ${n} (${calls[n]})`).toBeInstanceOf(StoreError);
    }
    expect(refused).toBeGreaterThan(10);
  },
);

async function sweep(directory: string): Promise<void> {
  await sweepStagedFiles(directory);
  await sweepStagedFiles(`${directory}/deeper`, { layout: "gastown" });
}
