import { Immer } from "immer";
import { TooLargeError } from "../../errors.ts";
import { originsOf, type OriginTree } from "./draft-origins.ts";

/** A recipe's changeable view of a frozen value. The value itself never changes. */
export interface JsonDraft {
  /** What the recipe gets: a draft, or the value itself when it is a primitive. */
  readonly root: unknown;
  /**
   * Ends the draft: what the value became. A recipe that returned a value replaces all of it. The draft is dead afterwards.
   * @throws {TooLargeError} when the new value nests too deep to be looked at.
   */
  finish(returned: unknown): { readonly next: unknown; readonly origins: OriginTree | undefined };
  /** Ends the draft without a trace, after a recipe threw. */
  discard(): void;
}

/** Values the recipe inserts stay the caller's: they are copied and frozen when they are settled, not here. */
const immer = new Immer({ autoFreeze: false });

/** Opens a draft. `noteOrigins` is for values that are merged into text: see `originsOf`. */
export function draftOf(path: string, value: unknown, maxDepth: number, noteOrigins: boolean): JsonDraft {
  const holder = immer.createDraft({ root: value });
  const { root } = holder;
  return {
    root,
    finish(returned) {
      if (returned !== undefined && returned !== root) holder.root = returned;
      try {
        const origins = noteOrigins ? originsOf(holder, maxDepth + 1)?.children.get("root") : undefined;
        return { next: immer.finishDraft(holder).root, origins };
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new TooLargeError(path, "maxDepth", maxDepth, Infinity);
      }
    },
    discard() {
      immer.finishDraft(holder);
    },
  };
}
