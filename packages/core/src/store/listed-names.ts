import { isOurName } from "./store-name.ts";

/** A file in a directory of a store, or what stands for one. */
interface Listed {
  readonly name: string;
  readonly bytes: number;
}

/** Content that was put aside: a torn tail, a damaged line, what a crashed `transact` could not finish. */
const aside = /\.(?:torn|corrupt|conflict)-\d{8}T\d{6}Z-[0-9a-f]{8}$/;
const lock = /^(.+)\.(?:lock|flock|gate)$/s;

/**
 * The names that a list of the files of one directory shows: not what this library puts beside them. `agent.lock` may be a document
 * and may be the lock of an `agent`. It is a lock where it is empty, as locks are, or where there is an `agent`.
 */
export function listedNames(files: readonly Listed[]): string[] {
  const names = new Set(files.map(({ name }) => name));
  const isLock = ({ name, bytes }: Listed): boolean => {
    const of = lock.exec(name)?.[1];
    return of !== undefined && (bytes === 0 || names.has(of));
  };
  const shown = files.filter((file) => !isOurName(file.name) && !aside.test(file.name) && !isLock(file));
  return shown.map(({ name }) => name);
}
