import { act, type Act } from "./act.ts";
import type { CrashOperation } from "./crash-operation.ts";
import type { SystemCall } from "./strace.ts";

/** What came of killing an operation at a call. */
export interface Killed {
  /** Where it worked. Undefined: it did not come there, and ended. */
  readonly directory: string | undefined;
  /** Whether it was killed at that very call, and not at another that came in its place this time. */
  readonly there: boolean;
  /** The call to try next: the same place, where it was or may be by what was seen this time. */
  readonly next: SystemCall;
}

/**
 * Runs an operation that is killed when its thread comes to a call.
 * @param listed - The calls of another run: by where it died among them, the next call to try is found at once.
 */
export async function killAt(
  operation: CrashOperation,
  root: string,
  before: number,
  call: SystemCall,
  startFrom?: string,
  listed: readonly SystemCall[] = [],
): Promise<Killed> {
  const inject = `${call.name}:signal=KILL:when=${call.nth}`;
  const done: Act | string = await act(operation, root, before, inject, { only: call.thread, startFrom });
  if (typeof done === "string") throw new Error(done);
  const died = done.calls.at(-1);
  const there = done.killed && died?.place === call.place;
  const seen = done.calls.find(({ place }) => place === call.place);
  const early = done.killed ? Math.max(1, between(listed, died, call)) : 0;
  const next = { ...call, nth: seen?.nth ?? call.nth + early };
  return { directory: done.killed ? done.directory : undefined, there, next };
}

/** How many calls of its name after another one a call came, where they were listed. */
function between(listed: readonly SystemCall[], from: SystemCall | undefined, to: SystemCall): number {
  const [first, last] = [from, to].map((call) => listed.find(({ place }) => place === call?.place)?.nth);
  return first === undefined || last === undefined ? 0 : last - first;
}
