/** T1: SIGKILL at every system call of every operation, then look. */
import { deepEqual } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PartContext } from "../harness/part.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { describe } from "../harness/tally.ts";
import { act, type Act } from "./act.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { crashOperations } from "./operations.ts";
import type { SystemCall } from "./strace.ts";
import { verifyAftermath } from "./verify.ts";

export interface KillPlan {
  /** Kills for each operation at most, chosen by the seed. Infinity: every one. */
  readonly killsEach: number;
  /** Rounds done before: 0 for an operation that opens its files first, 1 for one that finds them open. */
  readonly befores: readonly number[];
  readonly operations?: readonly CrashOperation[];
}

export async function killAtEveryCall(context: PartContext, root: string, plan: KillPlan): Promise<void> {
  const { tally } = context;
  for (const name of ["calls", "kills", "missed"]) tally.count(name, 0);
  for (const before of plan.befores) {
    for (const operation of plan.operations ?? crashOperations) {
      const reason = await killOperation(context, root, operation, before, plan.killsEach);
      if (reason !== undefined) return tally.skip("T1: SIGKILL at every system call", reason);
    }
  }
}

/** Why it cannot be done here, or undefined. */
async function killOperation(
  { tally, random, say }: PartContext,
  root: string,
  operation: CrashOperation,
  before: number,
  limit: number,
): Promise<string | undefined> {
  const what = `${operation.name}${before > 0 ? ", again" : ""}`;
  const counted = await inFreshDirectory(root, (directory) => act(operation, directory, before));
  if (typeof counted === "string") return counted;
  deepEqual(counted.acknowledged, "done", `${what} does not work at all`);
  const points = distinct(counted.calls);
  tally.count("calls", points.length);
  const chosen = random.shuffled(points).slice(0, limit);
  let missed = 0;
  await inParallel(3, chosen, async (call) => {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const killed = await inFreshDirectory(root, (directory) =>
        killOnce(tally.fail.bind(tally), operation, what, before, call, directory),
      );
      if (killed === undefined) continue;
      tally.count("kills");
      if (killed) tally.pass();
      return;
    }
    missed += 1;
  });
  tally.count("missed", missed);
  if (missed > chosen.length / 2)
    tally.fail(what, `${missed} of ${chosen.length} calls were not reached again`);
  say(`${what}: ${points.length} calls, ${chosen.length - missed} kills`);
  return undefined;
}

/** strace counts for each thread: calls of two threads with one name and number are one place to be killed at. */
function distinct(calls: readonly SystemCall[]): SystemCall[] {
  return [...new Map(calls.map((call) => [`${call.name} ${call.nth}`, call])).values()];
}

/** Whether all was well; undefined when the process was not killed, because its calls came otherwise this time. */
async function killOnce(
  fail: (what: string, how: string) => void,
  operation: CrashOperation,
  what: string,
  before: number,
  call: SystemCall,
  root: string,
): Promise<boolean | undefined> {
  const inject = `${call.name}:signal=KILL:when=${call.nth}`;
  const done: Act | string = await act(operation, root, before, inject);
  if (typeof done === "string") throw new Error(done);
  if (!done.killed) return undefined;
  try {
    await verifyAftermath(operation, { directory: done.directory, acknowledged: before, begun: before + 1 });
    return true;
  } catch (error) {
    fail(`${what}, killed at ${inject}`, `${call.text}\n${describe(error)}`);
    return false;
  }
}

async function inFreshDirectory<T>(root: string, work: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(root, "kill-"));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
