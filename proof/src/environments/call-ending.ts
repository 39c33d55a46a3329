import { StoreError } from "../harness/core.ts";
import { publicCalls, type PublicCall } from "../hostile/public-calls.ts";

/** How a call ended: `broke` is an error that is not one of ours. */
export interface CallEnding {
  readonly settled: "fulfilled" | "refused" | "broke";
  readonly message: string;
}

export function callNamed(name: string): PublicCall {
  const call = publicCalls.find((each) => each.name === name);
  if (call === undefined) throw new RangeError(`no call is named ${name}`);
  return call;
}

export async function endingOf(call: PublicCall, path: string): Promise<CallEnding> {
  try {
    await call.run(path);
    return { settled: "fulfilled", message: "" };
  } catch (error) {
    const { message = String(error), code = "" } = error as Partial<NodeJS.ErrnoException>;
    return { settled: error instanceof StoreError ? "refused" : "broke", message: `${code} ${message}` };
  }
}
