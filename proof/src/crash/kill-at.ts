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

/** Runs an operation that is killed when its thread comes to a call. */
export async function killAt(
  operation: CrashOperation,
  root: string,
  before: number,
  call: SystemCall,
  startFrom?: string,
): Promise<Killed> {
  const inject = `${call.name}:signal=KILL:when=${call.nth}`;
  const done: Act | string = await act(operation, root, before, inject, { only: call.thread, startFrom });
  if (typeof done === "string") throw new Error(done);
  const seen = done.calls.find(({ place }) => place === call.place);
  const nth = seen?.nth ?? call.nth + (done.killed ? 1 : 0);
  const there = done.killed && done.calls.at(-1)?.place === call.place;
  return { directory: done.killed ? done.directory : undefined, there, next: { ...call, nth } };
}
