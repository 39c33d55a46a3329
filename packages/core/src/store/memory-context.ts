import type { MemorySpace } from "./memory-space.ts";
import type { StoreFences } from "./store-fence.ts";
import type { StoreWork } from "./store-work.ts";

/** What the members of one store in memory share. */
export interface MemoryContext {
  readonly space: MemorySpace;
  readonly work: StoreWork;
  readonly fences: StoreFences;
  /** Lets others go first, by chance where chance was given. */
  pause(): Promise<void>;
}
