import { uptime } from "node:os";
import { inspectLock, type LockHolder, type LockInspection } from "@flockwork/core";
import { type Command, exitCodes, soleArgument } from "../command.ts";
import { layoutOf, layoutOption } from "../lock-arguments.ts";
import { plain, span, type Output } from "../output.ts";

export const inspectCommand: Command = {
  name: "inspect",
  summary: "who holds the lock of a file, and who waits",
  usage: "[options] FILE",
  options: {
    layout: layoutOption,
    quiet: {
      type: "boolean",
      short: "q",
      says: "say nothing; exit code 0 when it is held, 1 when it is free",
    },
  },
  run(request, output) {
    const found = inspectLock(soleArgument(request, "FILE"), { layout: layoutOf(request) });
    if (request.values["quiet"] === true) return found.held ? exitCodes.ok : exitCodes.no;
    output.result(found);
    sayLock(output, found);
    return exitCodes.ok;
  },
};

/** One lock, in a few lines. */
export function sayLock(output: Output, lock: LockInspection): void {
  const state = lock.held ? `held (${lock.mode})` : lock.exists ? "free" : "free, never locked";
  output.say(`${plain(lock.lockPath)}: ${lock.held ? output.strong(state) : state}`);
  for (const holder of lock.holders) output.say(`  held by  ${describe(holder)}`);
  for (const waiter of lock.waiters) output.say(`  waiting  ${describe(waiter)}`);
}

function describe({ pid, program, startTicks, mode }: LockHolder): string {
  const name = program === undefined ? "" : ` (${plain(program)})`;
  const age = startTicks === undefined ? undefined : ageOf(startTicks);
  return `process ${pid}${name}, ${mode}${age === undefined ? "" : `, started ${span(age)} ago`}`;
}

/** Linux counts a process's start in hundredths of a second since boot. */
function ageOf(startTicks: string): number | undefined {
  const ms = uptime() * 1_000 - Number(startTicks) * 10;
  return ms >= 0 ? ms : undefined;
}
