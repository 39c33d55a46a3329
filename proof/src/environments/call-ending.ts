import { join } from "node:path";
import type { BindingName } from "@flockwork/flock";
import { StoreError } from "../harness/core.ts";
import { domainCalls } from "../hostile/domain-calls.ts";
import { publicCalls } from "../hostile/public-calls.ts";

/** How a call ended: `broke` is an error that is not one of ours. */
export interface CallEnding {
  readonly settled: "fulfilled" | "refused" | "broke";
  readonly message: string;
}

/** How it ended in a program, and through which binding it locked. */
export interface CallerEnding extends CallEnding {
  readonly binding: BindingName | undefined;
}

/** A call that can be made again, in a directory that holds what it starts from. */
export type CallInDirectory = (directory: string) => unknown;

/** The file that a call of core is given. */
export const dataFile = "data";

/** A call of core, on {@link dataFile}, or a change by a domain package. */
export function callNamed(name: string): CallInDirectory {
  const call = publicCalls.find((each) => each.name === name);
  if (call !== undefined) return (directory) => call.run(join(directory, dataFile));
  const change = domainCalls.find((each) => each.name === name);
  if (change === undefined) throw new RangeError(`no call is named ${name}`);
  return (directory) => change.run(directory);
}

export async function endingOf(call: CallInDirectory, directory: string): Promise<CallEnding> {
  try {
    await call(directory);
    return { settled: "fulfilled", message: "" };
  } catch (error) {
    const { message = String(error), code = "" } = error as Partial<NodeJS.ErrnoException>;
    return { settled: error instanceof StoreError ? "refused" : "broke", message: `${code} ${message}` };
  }
}
