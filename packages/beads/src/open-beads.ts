import { fileStore, type Durability, type LayoutName, type LockLayout, type Store } from "@flockwork/core";
import { join, resolve } from "node:path";
import { Beads } from "./beads.ts";
import { EraWatch } from "./era-watch.ts";
import type { OnDamage } from "./issue-view.ts";

/** How issues are opened. */
export interface OpenBeadsOptions {
  /** What stands before the dash of new ids. Default: `issue-prefix` of `config.yaml`, else that of the issues there, else `bd`. */
  readonly prefix?: string | undefined;
  /** Default `"disk"`: a write resolves once it survives a power loss. */
  readonly durability?: Durability | undefined;
  /** What damaged lines do: `"error"` (default), or `"keep"`. */
  readonly onDamage?: OnDamage | undefined;
  /**
   * How changes are written. `"append"`: a line for each, void lines are taken out now and then. `"rewrite"`: the whole file, one
   * line for each issue, sorted by id, which `bd` needs. Default: what the neighbours that are found need.
   */
  readonly writes?: "append" | "rewrite" | undefined;
  /** The `bd` that writes in the Dolt era: a path, or false for none. Default: the one on PATH. */
  readonly bd?: string | false | undefined;
  /**
   * How long a cycle of bd's daemon (up to 0.50) may take that began before our lock: while one runs, each write of the whole file
   * waits so long under the lock. Default 5 000, as bd's `--interval`; 0 does not wait.
   */
  readonly daemonIntervalMs?: number | undefined;
  /** The time, in milliseconds since 1970. Default: the system's. */
  readonly now?: (() => number) | undefined;
}

/** Issues in a store of the caller's. */
export interface BeadsStore extends OpenBeadsOptions {
  readonly store: Store;
  /** The directory in the store, without a slash at its end. Default: the store itself. */
  readonly directory?: string | undefined;
  /** Where neighbours look for the locks. Default `"beads"`. */
  readonly layout?: LockLayout | LayoutName | undefined;
}

/**
 * Opens the issues of a `.beads` directory, or of a store. Nothing is read or created before it is asked for.
 *
 * @param where - The directory, usually `".beads"`. One with a `redirect` is refused by writes: open `await resolveRedirect(directory)`.
 * @example
 * const beads = openBeads(".beads");
 * const { issue } = await beads.create({ title: "Write it down" });
 * for (const each of await beads.ready()) console.log(each.id, each.title);
 */
export function openBeads(where: string | BeadsStore, options: OpenBeadsOptions = {}): Beads {
  if (typeof where === "string") {
    if (where === "") throw new TypeError("directory must be a non-empty string");
    const directory = resolve(where);
    const store = fileStore(directory);
    const name = (file: string): string => file;
    return new Beads(
      { ...options, store, name, layout: "beads", directory, ownsStore: true },
      new EraWatch(directory),
    );
  }
  if (typeof where !== "object" || where === null || typeof where.store !== "object" || where.store === null)
    throw new TypeError("openBeads needs a directory, or an object with a store");
  const { store, directory, layout = "beads", ...rest } = where;
  const name = (file: string): string => (directory === undefined ? file : join(directory, file));
  return new Beads({ ...rest, ...options, store, name, layout, directory: undefined, ownsStore: false });
}
