/** T3, whole: all faults of core's operations, some of each of the domains', and a few through the kernel with strace. */
import type { PartContext } from "../harness/part.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { injectIntoDomains } from "./domain-faults.ts";
import type { FaultOperation } from "./fault-operation.ts";
import { faultOperations } from "./fault-operations.ts";
import { errnos, failuresOf, spared, type Fault } from "./fault-plan.ts";
import { injectIntoKernel } from "./kernel-errors.ts";
import { callsOf, tryFault } from "./nth-error.ts";

export async function faults(context: PartContext): Promise<void> {
  const repeats = context.long ? 5 : 1;
  for (let repeat = 0; repeat < repeats; repeat += 1) await injectEverywhere(context, Infinity);
  await injectIntoDomains(context, { faultsEach: context.long ? 100 : 10 });
  await withTemporaryDirectory((root) => injectIntoKernel(context, root));
}

/**
 * Injects into every operation.
 * @param errnosEach - How many errnos for each call, chosen by the seed. Infinity: all of them.
 */
export async function injectEverywhere(
  { tally, random, say }: PartContext,
  errnosEach: number,
  operations: readonly FaultOperation[] = faultOperations,
): Promise<void> {
  // A release that fails after a failure is reported as a warning, thousands of times here.
  process.removeAllListeners("warning").on("warning", () => tally.count("warnings"));
  tally.count("injections", 0);
  tally.count("violations", 0);
  await withTemporaryDirectory(async (root) => {
    for (const operation of operations) {
      const counts = await callsOf(operation, root);
      // A write that falls short is among them always: errors alone leave no part behind.
      const chosenOf = (call: string): readonly string[] => [
        ...random.shuffled(errnos).slice(0, errnosEach),
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
      let violations = 0;
      for (const fault of plan) {
        const wrong = await tryFault(operation, fault, root);
        tally.count("injections");
        if (wrong === undefined) tally.pass();
        else tally.fail(`T3/P6 violation ${(violations += 1)}`, wrong);
      }
      tally.count("violations", violations);
      say(`${operation.name}: ${plan.length} faults, ${violations} violations`);
    }
  });
}
