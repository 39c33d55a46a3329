import { type files, realFileSystem, substituteFileSystem } from "../../src/platform/file-system.ts";

type Call = keyof typeof realFileSystem;

/** Runs work and notes every file call it makes, stats included. */
export async function fileCallsOf<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly result: T; readonly calls: readonly Call[] }> {
  const calls: Call[] = [];
  const noting = (Object.keys(realFileSystem) as Call[]).map((name) => [
    name,
    (...args: unknown[]) => {
      calls.push(name);
      return (realFileSystem[name] as (...all: unknown[]) => unknown)(...args);
    },
  ]);
  const restore = substituteFileSystem(Object.fromEntries(noting) as Partial<typeof files>);
  try {
    return { result: await work(), calls };
  } finally {
    restore();
  }
}

/** Runs work while its n-th stat of a path (from 0) fails. */
export async function failingStat<T>(
  path: string,
  n: number,
  work: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  let count = 0;
  const restore = substituteFileSystem({
    statSync: (asked) => {
      if (asked === path && count++ === n) throw Object.assign(new Error("EIO: injected"), { code: "EIO" });
      return realFileSystem.statSync(asked);
    },
  });
  try {
    const [outcome] = await Promise.allSettled([work()]);
    return outcome;
  } finally {
    restore();
  }
}
