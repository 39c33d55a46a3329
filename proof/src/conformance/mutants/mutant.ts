import type { Store } from "../core.ts";
import type { PromiseId } from "../promises.ts";

/** A store that is broken on purpose. The suite must notice. */
export interface Mutant {
  readonly name: string;
  /** The promise it breaks: cases of that promise run first. */
  readonly breaks: PromiseId;
  /** Only shows where there are files. Default: the store in memory is broken. */
  readonly files?: boolean;
  /** Breaks a store as it is opened. */
  readonly break: (store: Store, shared: SharedState) => Store | Promise<Store>;
}

/** What the stores on one place's data can share, as they would share a file. */
export type SharedState = Map<string, unknown>;
