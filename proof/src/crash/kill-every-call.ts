/** T1: SIGKILL at every system call of every operation, then look. */
import { deepEqual } from "node:assert/strict";
import type { PartContext } from "../harness/part.ts";
import { inParallel } from "../harness/in-parallel.ts";
import { Random } from "../harness/random.ts";
import { describe } from "../harness/tally.ts";
import { act, type Act } from "./act.ts";
import type { CrashOperation } from "./crash-operation.ts";
import { inFreshDirectory } from "./in-fresh-directory.ts";
import { interrupt } from "./interrupt.ts";
import { killAt, type Killed } from "./kill-at.ts";
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
  for (const name of ["calls", "killed", "elsewhere", "missed"]) tally.count(name, 0);
  for (const before of plan.befores) {
    for (const operation of plan.operations ?? crashOperations) {
      if ((operation.interrupted ?? operation.startFrom) !== undefined && before > 0) continue; // there is one start
      const startFrom = await interrupt(operation, root);
      const reason = await killOperation(context, root, { operation, before, startFrom }, plan.killsEach);
      if (reason !== undefined) return tally.skip("T1: SIGKILL at every system call", reason);
    }
  }
}

/** What is killed. */
interface Victim {
  readonly operation: CrashOperation;
  readonly before: number;
  readonly startFrom: string | undefined;
}

/** Why it cannot be done here, or undefined. */
async function killOperation(
  { tally, seed, say }: PartContext,
  root: string,
  victim: Victim,
  limit: number,
): Promise<string | undefined> {
  const { operation, before, startFrom } = victim;
  const what = `${operation.name}${before > 0 ? ", again" : ""}`;
  const list = (): Promise<Act | string> =>
    inFreshDirectory(root, (directory) => act(operation, directory, before, undefined, { startFrom }));
  const counted = await list();
  if (typeof counted === "string") return counted;
  deepEqual(counted.acknowledged, "done", `${what} does not work at all`);
  tally.count("calls", counted.calls.length);
  // The acknowledgement is always among them: killed there, the operation has said that it is done.
  const acknowledgement = counted.calls.slice(-1);
  const others = counted.calls
    .slice(0, -1)
    .filter((call) => operation.onlyChanging !== true || changes(call));
  const chosen = [...acknowledgement, ...Random.of(seed, what).shuffled(others)].slice(0, limit);
  const missed: SystemCall[] = [];
  /** Whether it was killed there; what is wrong is a failure. */
  const kill = async (call: SystemCall, listed: readonly SystemCall[]): Promise<boolean> => {
    let aim = call;
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const { killed, problem } = await killOnce(root, victim, aim, listed);
      if (killed.directory !== undefined) tally.count(killed.there ? "killed" : "elsewhere");
      if (problem === undefined && killed.there) tally.pass();
      if (problem !== undefined) tally.fail(`${what}, killed at ${call.place}`, problem);
      if (problem !== undefined || killed.there) return true;
      aim = killed.next;
    }
    return false;
  };
  await inParallel(3, chosen, async (call) => {
    if (await kill(call, counted.calls)) return;
    const relisted = await list();
    if (typeof relisted === "string") throw new Error(relisted);
    const again = relisted.calls.find(({ place }) => place === call.place);
    if (again !== undefined && (await kill(again, relisted.calls))) return;
    missed.push(call);
    // A look that comes by chance may be missed: dying there is dying at the next change.
    if (again !== undefined && changes(call))
      tally.fail(`${what}, killed at ${call.place}`, "it is made every time, and could not be reached");
  });
  tally.count("missed", missed.length);
  for (const { place } of missed) say(`${what}: not reached again: ${place}`);
  if (missed.length > Math.max(1, chosen.length / 10))
    tally.fail(what, `${missed.length} of ${chosen.length} calls were not reached again`);
  say(`${what}: ${counted.calls.length} calls, killed at ${chosen.length - missed.length}`);
  return undefined;
}

/** Between two of these nothing is different on the disk, nor in what is locked. */
function changes({ name, text }: SystemCall): boolean {
  if (name.startsWith("open")) return /O_CREAT|O_TRUNC/.test(text);
  return !/stat|readlink|getdents|read|^close$|sync$/.test(name);
}

function isAcknowledgement({ text }: SystemCall): boolean {
  return text.includes('write(1, "acknowledged');
}

/** A kill, and what was found wrong after it. */
async function killOnce(
  root: string,
  { operation, before, startFrom }: Victim,
  call: SystemCall,
  listed: readonly SystemCall[],
): Promise<{ readonly killed: Killed; readonly problem?: string }> {
  return await inFreshDirectory(root, async (fresh) => {
    const killed = await killAt(operation, fresh, before, call, startFrom, listed);
    const { directory } = killed;
    if (directory === undefined) return { killed };
    const acknowledged = killed.there && isAcknowledgement(call) ? before + 1 : before;
    try {
      const aftermath = { directory, acknowledged, begun: before + 1 };
      await (operation.verify?.(aftermath) ?? verifyAftermath(operation, aftermath));
      return { killed };
    } catch (error) {
      return { killed, problem: `${call.text}\n${describe(error)}` };
    }
  });
}
