import { constants } from "node:os";

import type { BindingName } from "./binding.ts";

const namesByErrno: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, errno]) => [errno, name] as const),
);

/** What was tried to reach flock(2), and why it did not work. */
export interface FailedBinding {
  /** The binding that was tried. */
  readonly binding: BindingName;
  /** Why it cannot be used here. */
  readonly reason: string;
}

/**
 * The kernel refused a call: not "somebody else holds it", but a closed descriptor, no lock memory, a filesystem
 * without locks. The lock state is what it was before the call.
 */
export class FlockSystemError extends Error {
  /** Always `ERR_FLOCK_SYSTEM`. */
  readonly code = "ERR_FLOCK_SYSTEM";
  /** The system's name for the failure, such as `EBADF` or `ENOLCK`. */
  readonly osCode: string;
  /** The system's number for the failure, positive. 0 where the binding only learnt its name. */
  readonly errno: number;
  /** What was attempted, such as `lock` or `unlock`. */
  readonly operation: string;

  constructor(operation: string, fd: number, failure: number | string, options?: ErrorOptions) {
    const osCode = typeof failure === "string" ? failure : (namesByErrno.get(failure) ?? `E${failure}`);
    super(`Could not ${operation} file descriptor ${fd}: ${osCode}.${adviceFor(osCode)}`, options);
    this.osCode = osCode;
    this.errno = typeof failure === "number" ? failure : (errnoNamed(osCode) ?? 0);
    this.operation = operation;
  }

  override get name(): string {
    return "FlockSystemError";
  }
}

/** No binding of flock(2) works in this process. Nothing was locked. */
export class FlockUnavailableError extends Error {
  /** Always `ERR_FLOCK_UNAVAILABLE`. */
  readonly code = "ERR_FLOCK_UNAVAILABLE";
  /** Every binding that was tried, in order, with its reason. */
  readonly tried: readonly FailedBinding[];

  constructor(tried: readonly FailedBinding[], advice: string, options?: ErrorOptions) {
    const reasons = tried.map(({ binding, reason }) => `\n  ${binding}: ${reason}`).join("");
    super(`flock(2) cannot be reached from this process. To fix it: ${advice}. Tried:${reasons}`, options);
    this.tried = tried;
  }

  override get name(): string {
    return "FlockUnavailableError";
  }
}

function errnoNamed(osCode: string): number | undefined {
  return (constants.errno as Readonly<Record<string, number>>)[osCode];
}

function adviceFor(osCode: string): string {
  switch (osCode) {
    case "EBADF":
      return " The descriptor is closed; keep it open until the lock is released.";
    case "ENOLCK":
    case "ENOTSUP":
    case "EOPNOTSUPP":
    case "ENOSYS":
      return " The filesystem does not offer flock; keep the lock file on a local filesystem.";
    case "EMFILE":
      return " Raise the limit of open files.";
    default:
      return "";
  }
}
