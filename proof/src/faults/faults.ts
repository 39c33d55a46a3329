/** T3, whole: all faults of core's operations, some of each of the domains', and a few through the kernel with strace. */
import type { PartContext } from "../harness/part.ts";
import { isWanted } from "../harness/wanted.ts";
import { Random } from "../harness/random.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { tryCommitFault } from "./commit-faults.ts";
import { injectIntoDomains } from "./domain-faults.ts";
import type { FaultOperation } from "./fault-operation.ts";
import { faultOperations } from "./fault-operations.ts";
import { errnos, failuresOf, spared, type Fault } from "./fault-plan.ts";
import { injectAll } from "./inject-all.ts";
import { injectIntoKernel, kernelErrors } from "./kernel-errors.ts";
import { callsOf, tryFault } from "./nth-error.ts";

export async function faults(context: PartContext): Promise<void> {
  await injectEverywhere(
    context,
    Infinity,
    faultOperations.filter(({ name }) => isWanted(name)),
  );
  // Of the domains' calls each fails with an errno by the seed: another one each time.
  const repeats = context.long ? 2 : 1;
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const plan = { faultsEach: context.long ? Infinity : 10, chosen: isWanted };
    await injectIntoDomains({ ...context, seed: context.seed + repeat }, plan);
  }
  const ofKernel = kernelErrors.filter(({ operation }) => isWanted(operation));
  await withTemporaryDirectory((root) => injectIntoKernel(context, root, ofKernel));
}

/** Errnos for each call of a commit of several files, in the short form. */
const commitErrnos = 2;

/**
 * Injects into every operation.
 * @param errnosEach - How many errnos for each call, chosen by the seed. Infinity: all of them.
 */
export async function injectEverywhere(
  { long, tally, seed, say }: PartContext,
  errnosEach: number,
  operations: readonly FaultOperation[] = faultOperations,
): Promise<void> {
  // A release that fails after a failure is reported as a warning, thousands of times here.
  process.removeAllListeners("warning").on("warning", () => tally.count("warnings"));
  await withTemporaryDirectory(async (root) => {
    for (const operation of operations) {
      const { commit } = operation;
      const random = Random.of(seed, operation.name);
      const counts = await callsOf(operation, root);
      // A commit of several files makes many calls, and somebody comes by after each fault.
      const most = commit === undefined || long ? errnosEach : Math.min(errnosEach, commitErrnos);
      // A write that falls short is among them always: errors alone leave no part behind.
      const chosenOf = (call: string): readonly string[] => [
        ...random.shuffled(errnos).slice(0, most),
        ...failuresOf(call).slice(errnos.length),
      ];
      const plan = [...counts].flatMap(([call, times]) =>
        spared.has(call)
          ? []
          : Array.from({ length: times }, (_, at) =>
              chosenOf(call).flatMap((errno): Fault[] => [
                { call, nth: at + 1, errno, forever: false },
                { call, nth: at + 1, errno, forever: true },
              ]),
            ).flat(),
      );
      await injectAll({ tally, say }, operation.name, plan, (fault) =>
        commit === undefined ? tryFault(operation, fault, root) : tryCommitFault(commit, fault, root),
      );
    }
  });
}
