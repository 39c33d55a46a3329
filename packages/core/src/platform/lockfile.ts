import { createRequire } from "node:module";

/** The part of proper-lockfile we use, synchronous and without its own retries. */
export interface ProperLockfile {
  lockSync(
    file: string,
    options: {
      readonly lockfilePath: string;
      readonly realpath: false;
      readonly stale: number;
      readonly update: number;
      readonly onCompromised: (error: Error) => void;
    },
  ): () => void;
}

let loaded: ProperLockfile | undefined;

/** The user's proper-lockfile, an optional peer. Throws what `require` throws when it is missing. */
export function properLockfile(): ProperLockfile {
  return (loaded ??= createRequire(import.meta.url)("proper-lockfile") as ProperLockfile);
}
