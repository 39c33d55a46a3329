/** A legacy script knows the errors of `node:fs`: where the system refused, it gets the system's own error back, untouched. */
import { CommitUncertainError, ReadFailedError, StoreError } from "../errors.ts";

export async function unwrapping<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unwrapped(error);
  }
}

export function unwrappingSync<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unwrapped(error);
  }
}

function unwrapped(error: unknown): unknown {
  // An outcome that is unknown must not pass for a refusal.
  if (!(error instanceof StoreError) || error instanceof CommitUncertainError) return error;
  const { cause } = error;
  const isOfTheSystem = cause instanceof Error && "syscall" in cause && "errno" in cause;
  if (isOfTheSystem) return cause;
  return error instanceof ReadFailedError && error.osCode === "ENOENT" ? noSuchFile(error.path) : error;
}

/** What nobody asked the system to open, because a look had shown that it is not there. */
function noSuchFile(path: string): Error {
  const error = new Error(`ENOENT: no such file or directory, open '${path}'`);
  return Object.assign(error, { errno: -2, code: "ENOENT", syscall: "open", path });
}
