import {
  flock,
  realFileSystem,
  substituteFileSystem,
  substituteFlock,
  type FileSystem,
  type Flock,
} from "../harness/core.ts";

/** The errors a disk, a quota, a full table or a network can answer with. */
export const errnos = "EIO ENOSPC EDQUOT EMFILE ENFILE EROFS EACCES ENOLCK EAGAIN ESTALE EBUSY EXDEV".split(
  " ",
);

/** Instead of an errno: the system takes half of the bytes, as a disk that is filling up does, and says so. */
export const shortWrite = "short write";

/** What can befall a call of this name. */
export function failuresOf(call: string): readonly string[] {
  return writing.has(call) ? [...errnos, shortWrite] : errnos;
}

const writing: ReadonlySet<string> = new Set(["write", "writeSync"]);

/** One call that fails: the nth of its name, and every later one of that name where `forever`. */
export interface Fault {
  readonly call: string;
  readonly nth: number;
  readonly errno: string;
  readonly forever: boolean;
}

/** Whether the call that was to fail was made at all. */
export function wasReached({ call, nth }: Fault, counts: ReadonlyMap<string, number>): boolean {
  return (counts.get(call) ?? 0) >= nth;
}

export function describeFault({ call, nth, errno, forever }: Fault): string {
  return `${call} #${nth}${forever ? " and every later one" : ""}: ${errno}`;
}

type AnyCall = (...args: unknown[]) => unknown;

/**
 * Runs `work` while the tables of file calls and of flock calls are watched, and perhaps one of them fails.
 * Returns how often each was called.
 */
export async function withFault(
  fault: Fault | undefined,
  work: () => Promise<void>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const real: Flock = { ...flock };
  const putFilesBack = substituteFileSystem(
    substitutes(
      realFileSystem as unknown as Record<string, AnyCall>,
      "",
      counts,
      fault,
    ) as Partial<FileSystem>,
  );
  const putFlockBack = substituteFlock(
    substitutes(real as unknown as Record<string, AnyCall>, "flock.", counts, fault) as Partial<Flock>,
  );
  try {
    await work();
    return counts;
  } finally {
    putFlockBack();
    putFilesBack();
  }
}

function substitutes(
  table: Readonly<Record<string, AnyCall>>,
  prefix: string,
  counts: Map<string, number>,
  fault: Fault | undefined,
): Record<string, AnyCall> {
  return Object.fromEntries(
    Object.entries(table).map(([name, real]) => [
      name,
      (...args: unknown[]) => {
        const call = prefix + name;
        const nth = (counts.get(call) ?? 0) + 1;
        counts.set(call, nth);
        const hit = fault !== undefined && fault.call === call;
        if (!hit || (fault.forever ? nth < fault.nth : nth !== fault.nth)) return watched(real(...args));
        if (fault.errno === shortWrite) {
          const [fd, bytes, offset, length, ...rest] = args;
          return watched(real(fd, bytes, offset, Math.ceil(Number(length) / 2), ...rest));
        }
        // Linux closes a descriptor whatever close(2) answers.
        if (name === "closeSync") real(...args);
        const error = systemError(fault.errno, name);
        if (asynchronous.has(name)) return Promise.reject(error);
        throw error;
      },
    ]),
  );
}

let underWay = 0;

/** How many calls of the tables have been made and not yet answered. */
export function callsUnderWay(): number {
  return underWay;
}

function watched(result: unknown): unknown {
  if (!(result instanceof Promise)) return result;
  underWay += 1;
  return result.finally(() => (underWay -= 1));
}

const asynchronous: ReadonlySet<string> = new Set(["read", "write", "fsync", "fdatasync"]);

const injected = new WeakSet<object>();

function systemError(code: string, syscall: string): Error {
  const error = Object.assign(new Error(`${code}: injected, ${syscall}`), { code, errno: -5, syscall });
  injected.add(error);
  return error;
}

/** Whether it is the very error that a call was made to fail with. */
export function isInjected(error: unknown): boolean {
  return typeof error === "object" && error !== null && injected.has(error);
}

/** Calls that cannot fail on a real system, or whose failure says nothing: not injected. */
export const spared: ReadonlySet<string> = new Set(["watch"]);
