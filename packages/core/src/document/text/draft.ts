import { current, Immer, isDraft } from "immer";
import { TooLargeError } from "../../errors.ts";
import { originsOf, type OriginTree } from "./draft-origins.ts";

/** A recipe's changeable view of a frozen value. The value itself never changes. */
export interface JsonDraft {
  /** What the recipe gets: a draft, or the value itself when it is a primitive. */
  readonly root: unknown;
  /**
   * Takes in what the draft became, copying drafts of other values that were put into it: they may end before this one does.
   * What is done to the draft afterwards is lost.
   * @throws {TooLargeError} when the new value nests too deep to be looked at.
   */
  seal(): void;
  /**
   * Ends the draft: what the value became. A recipe that returned a value replaces all of it. The draft is dead afterwards.
   * @throws {TooLargeError} when the new value nests too deep to be looked at.
   */
  finish(returned: unknown): FinishedDraft;
  /** Ends the draft without a trace, after a recipe threw. */
  discard(): void;
}

/** What a value became. */
export interface FinishedDraft {
  readonly next: unknown;
  readonly origins: OriginTree | undefined;
}

/** Values the recipe inserts stay the caller's: they are copied and frozen when they are settled, not here. */
const immer = new Immer({ autoFreeze: false });

/** Opens a draft. `noteOrigins` is for values that are merged into text: see `originsOf`. */
export function draftOf(path: string, value: unknown, maxDepth: number, noteOrigins: boolean): JsonDraft {
  const holder = immer.createDraft({ root: value });
  const { root } = holder;
  const originsNow = (): OriginTree | undefined =>
    noteOrigins ? originsOf(holder, maxDepth + 1)?.children.get("root") : undefined;
  const tooDeep = (error: unknown): unknown =>
    error instanceof RangeError ? new TooLargeError(path, "maxDepth", maxDepth, Infinity) : error;
  let sealed: FinishedDraft | undefined;
  return {
    root,
    seal() {
      try {
        sealed = { next: withoutDrafts(root), origins: originsNow() };
      } catch (error) {
        throw tooDeep(error);
      }
    },
    finish(returned) {
      if (sealed !== undefined) {
        discard(holder);
        return sealed;
      }
      try {
        if (returned !== undefined && returned !== root) {
          refuseAmbiguous(value, root, returned);
          holder.root = returned;
        }
        const origins = originsNow();
        return { next: immer.finishDraft(holder).root, origins };
      } catch (error) {
        throw tooDeep(error);
      }
    },
    discard() {
      discard(holder);
    },
  };
}

function discard(holder: object): void {
  try {
    immer.finishDraft(holder);
  } catch {
    // A draft of another value was put into this one, and that has ended.
  }
}

/** What work that changes drafts returned: where it is a draft, or an array with drafts in it, what those are now. */
export function plainResult<R>(result: R): R {
  if (isDraft(result)) return withoutDrafts(result) as R;
  return Array.isArray(result) && result.some((item) => isDraft(item))
    ? (withoutDrafts(result) as R)
    : result;
}

/** The value as it is now, with a copy in the place of each draft in it. What is frozen stays itself. */
export function withoutDrafts(value: unknown): unknown {
  const holder = immer.createDraft<{ value?: unknown }>({});
  holder.value = value;
  const plain = current(holder).value;
  discard(holder);
  return plain;
}

/**
 * An arrow function returns what its one expression yields: the length after a push, the old count of `n++`. Taken for a new
 * document, that would replace everything else in it.
 *
 * @throws {TypeError} when the recipe both changed its draft and returned a value, or returned no container for one.
 */
function refuseAmbiguous(value: unknown, root: unknown, returned: unknown): void {
  if (!isDraft(root)) return; // a primitive can only be replaced
  if (current(root) !== value) {
    throw new TypeError(
      "The recipe changed its draft and returned a value too. Change the draft and return nothing (`(d) => { d.n += 1; }`), " +
        "or leave it and return the new document. Nothing was written",
    );
  }
  if (typeof returned !== "object" || returned === null) {
    throw new TypeError(
      `The recipe returned ${returned === null ? "null" : `a ${typeof returned}`}, which would replace the whole document. ` +
        "Return nothing to keep the draft, or use write() to replace a document by a primitive. Nothing was written",
    );
  }
}
