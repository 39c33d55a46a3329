import type { Store } from "../core.ts";
import type { PromiseId } from "../promises.ts";

/** A store that is broken on purpose. The suite must notice. */
export interface Mutant {
  readonly name: string;
  /** The promise it breaks: a case of that promise must notice. */
  readonly breaks: PromiseId;
  /** Only shows where there are files. Default: the store in memory is broken. */
  readonly files?: boolean;
  /** Set where what it breaks is that a wait ends: only of these does a case notice by not ending. */
  readonly hangs?: boolean;
  /** Breaks a store as it is opened. */
  readonly break: (store: Store, shared: SharedState) => Store | Promise<Store>;
}

/** What the stores on one place's data can share, as they would share a file. */
export type SharedState = Map<string, unknown>;
