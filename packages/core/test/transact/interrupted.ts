import { realpathSync } from "node:fs";
import { expect } from "vitest";
import { CommitUncertainError, type FileStoreOptions } from "../../src/index.ts";
import { failingAfter } from "../atomic/faults.ts";
import { leftoversIn, temporaryDirectory } from "../store/temporary-store.ts";
import { openThree, prepareThree, type ThreeMembers } from "./three-members.ts";

/** Brings all three to round 1. */
export const commit = ({ store, left, right, events }: ThreeMembers): Promise<unknown> =>
  store.transact({ left, right, events }, (tx) => {
    tx.left.draft.round = 1;
    tx.right.draft.round = 1;
    tx.events.append({ round: 1, line: 1 }, { round: 1, line: 2 });
  });

export type Point = "commit" | "lines" | "first rename";

/** A commit that came as far as its record, or further, and no further: from then on every call failed. */
export async function interrupted(
  after: Point = "commit",
  options: FileStoreOptions = {},
): Promise<ThreeMembers & { directory: string }> {
  const directory = realpathSync(temporaryDirectory());
  await prepareThree(directory, options);
  const members = openThree(directory, options);
  let isNamed = false;
  const reached = (name: string, args: readonly unknown[]): boolean => {
    const names = name === "renameSync" && String(args[1]).endsWith(".intent");
    isNamed ||= names;
    if (after === "commit") return names;
    return after === "lines" ? isNamed && name === "writeSync" : name === "renameSync" && isNamed && !names;
  };
  const outcome = await failingAfter(reached, () => commit(members));
  expect(outcome.status === "rejected" && outcome.reason).toBeInstanceOf(CommitUncertainError);
  expect(leftoversIn(directory)).toContain(".left.json.intent");
  return { ...members, directory };
}
