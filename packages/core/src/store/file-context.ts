import { UnsupportedError } from "../errors.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import type { FileRoot } from "./file-place.ts";
import type { StoreFences } from "./store-fence.ts";
import type { StoreWork } from "./store-work.ts";

/** @throws {UnsupportedError} `ERR_UNSUPPORTED`: the store does not declare `sharedLocks`. */
export function checkSharedLocks({ sharedLocks, lock }: FileContext, name: string): void {
  if (!sharedLocks)
    throw new UnsupportedError(
      `A shared lock on ${name}`,
      `a store with the backend ${lock.backend ?? "of this system"} does not declare sharedLocks. ` +
        "Take the lock exclusively, or read without it",
    );
}

/** What the members of one file store share. */
export interface FileContext {
  readonly root: FileRoot;
  /** How locks are taken, but for where each lies. */
  readonly lock: Pick<LockOptions, "backend" | "timeoutMs" | "allowNetworkFileSystem" | "allowForeignOwner">;
  /** Whether its locks can be shared: a lease on a directory cannot. */
  readonly sharedLocks: boolean;
  readonly work: StoreWork;
  readonly fences: StoreFences;
}
