import type { LockOptions } from "../lock/lock-options.ts";
import type { FileRoot } from "./file-place.ts";
import type { StoreFences } from "./store-fence.ts";
import type { StoreWork } from "./store-work.ts";

/** What the members of one file store share. */
export interface FileContext {
  readonly root: FileRoot;
  /** How locks are taken, but for where each lies. */
  readonly lock: Pick<LockOptions, "backend" | "timeoutMs" | "allowNetworkFileSystem" | "allowForeignOwner">;
  readonly work: StoreWork;
  readonly fences: StoreFences;
}
