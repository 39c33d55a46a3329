/** T3 of commits of several files: one whose call fails is done, or it is not, or its error says that this is uncertain (P6, P14). */
import { equal } from "node:assert/strict";
import type { CrashOperation } from "../crash/crash-operation.ts";
import { verifyAftermath } from "../crash/verify.ts";
import { StoreError } from "../harness/core.ts";
import { verifyUnlocked } from "../harness/raw-lock.ts";
import { attempt, describeWrong, isUncertain, type Attempt } from "./attempt.ts";
import { openDescriptors } from "./descriptors.ts";
import { withFault, type Fault } from "./fault-plan.ts";
import { notReached } from "./inject-all.ts";
import { closeEverything, inDirectory } from "./nth-error.ts";
import { orHang } from "./waiting.ts";

/** Runs a commit with one fault, and then whoever comes next. Undefined, or what is wrong, or `notReached`. */
export async function tryCommitFault(
  commit: CrashOperation,
  fault: Fault,
  root: string,
): Promise<string | undefined> {
  return await inDirectory(commit, root, async (directory) => {
    closeEverything();
    const descriptors = openDescriptors();
    let failure: Attempt["failure"];
    try {
      const tried = await attempt(fault, () => commit.run(directory, 1));
      ({ failure } = tried);
      if (failure !== undefined && !(failure.error instanceof StoreError)) throw failure.error;
      verifyUnlocked(directory);
      const acknowledged = failure === undefined ? 1 : 0;
      const begun = isUncertain(failure) ? 1 : acknowledged;
      const mayLeave = fault.call.startsWith("unlink"); // it is swept by the next process
      const aftermath = { directory, acknowledged, begun, mayLeave };
      await withFault(undefined, () => orHang(() => verifyAftermath(commit, aftermath)));
      closeEverything();
      equal(openDescriptors(), descriptors, "descriptors leak");
      return tried.isReached ? undefined : notReached;
    } catch (error) {
      return describeWrong(error, failure);
    }
  });
}
