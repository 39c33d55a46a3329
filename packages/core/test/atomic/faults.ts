import { type files, realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";

type Call = keyof typeof realFileSystem;
type AnyCall = (...args: unknown[]) => unknown;

/** All calls but `watch`, and `statSync`, with which only locks look whether others wait. */
const watched = Object.keys(realFileSystem).filter(
  (name) => name !== "watch" && name !== "statSync",
) as Call[];

export interface CountedRun<T> {
  readonly result: T;
  /** Every call made, in order. */
  readonly calls: readonly Call[];
}

/** Runs work and notes the file calls it makes. */
export async function countingCalls<T>(work: () => T | Promise<T>): Promise<CountedRun<T>> {
  const calls: Call[] = [];
  const restore = substituteFileSystem(
    Object.fromEntries(
      watched.map((name) => [
        name,
        (...args: unknown[]) => {
          calls.push(name);
          return (realFileSystem[name] as AnyCall)(...args);
        },
      ]),
    ) as Partial<typeof files>,
  );
  try {
    return { result: await work(), calls };
  } finally {
    restore();
  }
}

/** Runs work while its n-th file call (from 0) fails with an errno; `onward` makes every later call fail too. */
export async function failingAt<T>(
  n: number,
  code: string,
  onward: boolean,
  work: () => T | Promise<T>,
): Promise<{ readonly failed: Call | undefined; readonly outcome: PromiseSettledResult<T> }> {
  let count = -1;
  let failed: Call | undefined;
  const restore = substituteFileSystem(
    Object.fromEntries(
      watched.map((name) => [
        name,
        (...args: unknown[]) => {
          count += 1;
          if (count < n || (count > n && !onward)) return (realFileSystem[name] as AnyCall)(...args);
          failed ??= name;
          if (name === "closeSync") realFileSystem.closeSync(args[0] as number); // a failing close closes all the same
          const error = Object.assign(new Error(`${code}: injected, ${name}`), { code, syscall: name });
          if (name === "fsync" || name === "fdatasync" || name === "read" || name === "write")
            return Promise.reject(error);
          throw error;
        },
      ]),
    ) as Partial<typeof files>,
  );
  try {
    const [outcome] = await Promise.allSettled([(async () => await work())()]);
    return { failed, outcome };
  } finally {
    restore();
  }
}

/** Runs work while every file call fails that comes after the first one for which `isIt` holds. */
export async function failingAfter<T>(
  isIt: (call: string, args: readonly unknown[]) => boolean,
  work: () => T | Promise<T>,
): Promise<PromiseSettledResult<T>> {
  let fails = false;
  const substitute = (name: Call): AnyCall => {
    const real = realFileSystem[name] as AnyCall;
    return (...args) => {
      if (!fails) {
        fails = isIt(name, args);
        return real(...args);
      }
      if (name === "closeSync") return real(...args);
      const error = Object.assign(new Error(`EIO: injected, ${name}`), { code: "EIO", syscall: name });
      if (name === "fsync" || name === "fdatasync" || name === "read" || name === "write")
        return Promise.reject(error);
      throw error;
    };
  };
  const restore = substituteFileSystem(
    Object.fromEntries(watched.map((name) => [name, substitute(name)])) as Partial<typeof files>,
  );
  try {
    const [outcome] = await Promise.allSettled([(async () => await work())()]);
    return outcome;
  } finally {
    restore();
  }
}

export const errnos = ["EIO", "ENOSPC", "EMFILE", "EROFS", "EDQUOT"] as const;
