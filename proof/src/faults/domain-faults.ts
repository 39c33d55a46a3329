/** T3 of the domain packages: every file call of their mutating calls fails (P6). */
import { deepEqual } from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { domainNames, operationsOf } from "../crash/domains/all-domains.ts";
import { crashOperationOf } from "../crash/domains/domain-crash.ts";
import type { CrashOperation } from "../crash/crash-operation.ts";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { describe } from "../harness/tally.ts";
import { Random } from "../harness/random.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { isTyped } from "../hostile/refusal.ts";
import { describeWrong, isDone, isUncertain, type Attempt } from "./attempt.ts";
import { cannotNameDescriptors, openBelow } from "./descriptors.ts";
import { runsApart, runsHere, type DomainRuns } from "./domain-runs.ts";
import { errnos, failuresOf, spared, withFault, type Fault } from "./fault-plan.ts";
import { injectAll, notReached } from "./inject-all.ts";
import { orHang } from "./waiting.ts";

export interface DomainFaultPlan {
  /** Faults for each operation at most, chosen by the seed. */
  readonly faultsEach: number;
  /** Which operations, by name. */
  readonly chosen?: (name: string) => boolean;
}

export async function injectIntoDomains(
  { tally, seed, say }: PartContext,
  { faultsEach, chosen = () => true }: DomainFaultPlan,
): Promise<void> {
  process.removeAllListeners("warning").on("warning", () => tally.count("warnings"));
  const unnamed = cannotNameDescriptors();
  if (unnamed !== undefined)
    tally.skip("T3: descriptors that calls of the domain packages leave open", unnamed);
  for (const domain of domainNames) {
    const operations = (await operationsOf(domain)).filter(({ name }) => chosen(name));
    for (const each of operations) {
      await withTemporaryDirectory(async (root) => {
        try {
          const operation = await crashOperationOf(each, root);
          const runs =
            each.holds === true ? runsApart(each.name) : runsHere((directory) => operation.run(directory, 1));
          const counts = await inCopy(operation, root, (directory) => runs.callsOf(directory));
          const random = Random.of(seed, each.name);
          const plan = [...counts]
            .filter(([call]) => !spared.has(call))
            .flatMap(([call, times]) => Array.from({ length: times }, (_, at) => ({ call, nth: at + 1 })))
            .flatMap(({ call, nth }) =>
              [false, true].map((forever): Fault => {
                const errno = random.pick([...errnos, ...failuresOf(call).slice(errnos.length)]);
                return { call, nth, errno, forever };
              }),
            );
          const faults = random.shuffled(plan).slice(0, faultsEach);
          if (plan.length === 0) tally.count("without_file_calls"); // SQLite makes its own
          say(`${each.name}: ${plan.length} faults to choose from`);
          await injectAll({ tally, say }, each.name, faults, (fault) =>
            tryFault(operation, runs, fault, root),
          );
        } catch (error) {
          tally.fail(`T3: ${each.name}`, describe(error));
        }
      });
    }
  }
}

/** What is wrong after one fault, or `notReached`. Undefined: nothing. */
async function tryFault(
  operation: CrashOperation,
  runs: DomainRuns,
  fault: Fault,
  root: string,
): Promise<string | undefined> {
  return await inCopy(operation, root, async (directory) => {
    let failure: Attempt["failure"];
    try {
      const tried = await runs.attempt(fault, directory);
      ({ failure } = tried);
      closeIdleLocks();
      closeAppendFiles();
      if (cannotNameDescriptors() === undefined)
        deepEqual(openBelow(directory), [], "descriptors that stay open");
      // Whether it has happened is not said by every error.
      const acknowledged = isDone(failure) ? 1 : 0;
      // The next sweep, or the next taker of each lock, removes it. Of a directory that is not listed nothing is removed.
      const mayLeave = isUncertain(failure) || /^(?:unlink|readdir)/.test(fault.call);
      const mayStand = failure === undefined || isDone(failure) || isUncertain(failure);
      const begun = operation.inSteps === true || mayStand ? 1 : 0;
      const verified = async (): Promise<void> =>
        await operation.verify?.({ directory, acknowledged, begun, mayLeave, inPart: failure !== undefined });
      await withFault(undefined, () => orHang(verified));
      if (failure !== undefined && !isTyped(failure.error)) throw failure.error;
      return tried.isReached ? undefined : notReached;
    } catch (error) {
      return describeWrong(error, failure);
    }
  });
}

async function inCopy<R>(
  { startFrom = "" }: CrashOperation,
  root: string,
  work: (directory: string) => Promise<R>,
): Promise<R> {
  const directory = mkdtempSync(join(root, "fault-"));
  cpSync(startFrom, directory, { recursive: true, verbatimSymlinks: true });
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
