import * as fs from "node:fs";
import { createRequire } from "node:module";

export interface LeaseOptions {
  readonly staleMs: number;
  readonly updateMs: number;
  readonly onCompromised: (error: Error) => void;
  /** Asked before the library removes the lock directory: false once it is somebody else's. */
  readonly mayRemove: () => boolean;
}

/** The part of proper-lockfile we use, synchronous and without its own retries. */
interface ProperLockfile {
  lockSync(
    file: string,
    options: {
      readonly lockfilePath: string;
      readonly realpath: false;
      readonly stale: number;
      readonly update: number;
      readonly onCompromised: (error: Error) => void;
      readonly fs: object;
    },
  ): () => void;
}

let loaded: ProperLockfile | undefined;

/** Loads the user's proper-lockfile, an optional peer. Throws what `require` throws when it is missing. */
export function loadProperLockfile(): void {
  loaded ??= createRequire(import.meta.url)("proper-lockfile") as ProperLockfile;
}

/** One attempt. Returns the function that gives the lease back. Throws `ELOCKED` when someone else has it. */
export function takeLease(lockPath: string, options: LeaseOptions): () => void {
  loadProperLockfile();
  return (loaded as ProperLockfile).lockSync(lockPath, {
    lockfilePath: lockPath,
    realpath: false,
    stale: options.staleMs,
    update: options.updateMs,
    onCompromised: options.onCompromised,
    fs: guarded(options.mayRemove),
  });
}

/** The library removes the lock directory by name at release and at exit, whoever made the one that stands there. */
function guarded(mayRemove: () => boolean): object {
  return {
    ...fs,
    rmdirSync: (path: string) => (mayRemove() ? fs.rmdirSync(path) : undefined),
    rmdir: (path: string, done: (error: NodeJS.ErrnoException | null) => void) => {
      if (mayRemove()) fs.rmdir(path, done);
      else done(null);
    },
  };
}
