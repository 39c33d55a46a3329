/** T3 of the domain packages: every file call of their mutating calls fails (P6). */
import { deepEqual } from "node:assert/strict";
import { cpSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { domainNames, operationsOf } from "../crash/domains/all-domains.ts";
import { crashOperationOf } from "../crash/domains/domain-crash.ts";
import type { CrashOperation } from "../crash/crash-operation.ts";
import { closeAppendFiles, closeIdleLocks } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { describe } from "../harness/tally.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { describeFault, errnos, failuresOf, spared, withFault, type Fault } from "./fault-plan.ts";

export interface DomainFaultPlan {
  /** Faults for each operation at most, chosen by the seed. */
  readonly faultsEach: number;
  /** Which operations, by name. */
  readonly chosen?: (name: string) => boolean;
}

export async function injectIntoDomains(
  { tally, random, say }: PartContext,
  { faultsEach, chosen = () => true }: DomainFaultPlan,
): Promise<void> {
  process.removeAllListeners("warning").on("warning", () => tally.count("warnings"));
  for (const name of ["injections", "violations"]) tally.count(name, 0);
  for (const domain of domainNames) {
    const operations = (await operationsOf(domain)).filter(
      ({ name, holds }) => holds !== true && chosen(name),
    );
    for (const each of operations) {
      await withTemporaryDirectory(async (root) => {
        try {
          const operation = await crashOperationOf(each, root);
          const counts = await callsOf(operation, root);
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
          for (const fault of faults) {
            const wrong = await tryFault(operation, fault, root);
            tally.count("injections");
            if (wrong === undefined) tally.pass();
            else tally.fail(`T3/P6: ${each.name} with ${describeFault(fault)}`, wrong);
            if (wrong !== undefined) tally.count("violations");
          }
          say(`${each.name}: ${faults.length} of ${plan.length} faults`);
        } catch (error) {
          tally.fail(`T3: ${each.name}`, describe(error));
        }
      });
    }
  }
}

async function callsOf(operation: CrashOperation, root: string): Promise<ReadonlyMap<string, number>> {
  return await inCopy(operation, root, (directory) =>
    withFault(undefined, async () => void (await operation.run(directory, 1))),
  );
}

/** What is wrong after one fault. Undefined: nothing. */
async function tryFault(operation: CrashOperation, fault: Fault, root: string): Promise<string | undefined> {
  return await inCopy(operation, root, async (directory) => {
    let failure: { readonly error: unknown } | undefined;
    await withFault(fault, async () => {
      try {
        await operation.run(directory, 1);
      } catch (error) {
        failure = { error };
      }
    });
    try {
      deepEqual(openIn(directory), [], "descriptors that stay open");
      // Whether it has happened is not said by every error; where there is none, it has.
      const acknowledged = failure === undefined ? 1 : 0;
      // The next sweep, or the next taker of each lock, removes it.
      const isUncertain = (failure?.error as { code?: unknown } | undefined)?.code === "ERR_COMMIT_UNCERTAIN";
      const mayLeave = isUncertain || fault.call.startsWith("unlink");
      await operation.verify?.({ directory, acknowledged, begun: 1, mayLeave });
      if (failure !== undefined && !isTyped(failure.error)) throw failure.error;
      return undefined;
    } catch (error) {
      const said = failure === undefined ? "it succeeded" : describe(failure.error);
      return `${describe(error)}\nthe call: ${said}`;
    }
  });
}

/** Ours, SQLite's, or the system's: never a mistake of the program. */
function isTyped(error: unknown): boolean {
  return error instanceof Error && typeof (error as { code?: unknown }).code === "string";
}

/** Descriptors of what is stored, once nothing is kept for later. */
function openIn(directory: string): string[] {
  closeIdleLocks();
  closeAppendFiles();
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return []; // the one that lists them
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
