/** One run of an operation, of which one call fails. */
import { describe } from "../harness/tally.ts";
import { wasReached, withFault, type Fault } from "./fault-plan.ts";
import { orHang } from "./waiting.ts";

export interface Attempt {
  /** Whether the call that was to fail was made. */
  readonly isReached: boolean;
  /** What the operation threw. Undefined: it succeeded. */
  readonly failure: { readonly error: unknown } | undefined;
}

/** @throws the operation never settles. */
export async function attempt(fault: Fault, run: () => unknown): Promise<Attempt> {
  let failure: Attempt["failure"];
  const work = async (): Promise<void> => {
    try {
      await run();
    } catch (error) {
      failure = { error };
    }
  };
  const isReached = wasReached(fault, await withFault(fault, () => orHang(work)));
  return { isReached, failure };
}

/** What is wrong after a run, with what the call itself said. */
export function describeWrong(error: unknown, failure: Attempt["failure"]): string {
  return `${describe(error)}\nthe call: ${failure === undefined ? "it succeeded" : describe(failure.error)}`;
}

/** Whether the operation says that its work is done: it succeeded, or only what tells of it could not be written. */
export function isDone(failure: Attempt["failure"]): boolean {
  return failure === undefined || codeOf(failure) === "ERR_EVENT_NOT_WRITTEN";
}

/** Whether the operation itself says that what it did may stand or not. */
export function isUncertain(failure: Attempt["failure"]): boolean {
  return codeOf(failure) === "ERR_COMMIT_UNCERTAIN";
}

function codeOf(failure: Attempt["failure"]): unknown {
  return (failure?.error as { code?: unknown } | undefined)?.code;
}
