import { isDraft, original } from "immer";
import type { DocumentJob } from "../document/document-job.ts";
import { absentRevision } from "../document/document-state.ts";
import type { DocumentSnapshot } from "../document/json-document.ts";
import { withoutDrafts } from "../document/text/draft.ts";
import { reconcileWith, type OwnChange } from "./reconcile.ts";
import type { MergeRule } from "./store-document.ts";

type JobRecipe = NonNullable<DocumentJob["recipe"]>;

/** What one handle of a document has seen of it, and is changing: what a whole new document may be written over. */
export class HandleView<T> {
  readonly #path: string;
  readonly #merge: MergeRule;
  readonly #defaults: (() => unknown) | undefined;
  #known: DocumentSnapshot<T> | undefined;
  /** What was begun and has not ended, in the order it was begun. */
  readonly #changing: OwnChange[] = [];

  /** @param path - For errors. @param defaults - Of the spec: the value of a document that is missing. */
  constructor(path: string, merge: MergeRule, defaults?: () => unknown) {
    this.#path = path;
    this.#merge = merge;
    this.#defaults = defaults;
  }

  /** What it last read or wrote. */
  get known(): DocumentSnapshot<T> | undefined {
    return this.#known;
  }

  /** Takes in what was read or written. @param own - The update that made it. */
  see<S extends DocumentSnapshot<T>>(snapshot: S, own?: OwnChange): S {
    this.#known = snapshot;
    if (own?.before !== undefined) own.after = { value: snapshot.value };
    return snapshot;
  }

  /** Takes in that the document was found missing, or made so. */
  seeAbsent(): void {
    this.#known = { value: this.#defaults?.() as DocumentSnapshot<T>["value"], revision: absentRevision };
  }

  /**
   * Writes a whole new document. It may follow an earlier change of the handle that its caller did not wait for.
   * @param isGuarded - Whether it is held to what the handle has seen; not, where the caller names a revision.
   */
  write<R>(
    value: unknown,
    isGuarded: boolean,
    change: (reconcile: DocumentJob["reconcile"]) => Promise<R>,
  ): Promise<R> {
    const earlier = [...this.#changing];
    return this.#during({ isWrite: true, after: { value } }, () =>
      change(isGuarded ? this.reconciling(value, earlier) : undefined),
    );
  }

  /** Updates the document, and remembers for the handle's own later writes what was made of what. */
  update<R>(recipe: JobRecipe, change: (recipe: JobRecipe, own: OwnChange) => Promise<R>): Promise<R> {
    const own: OwnChange = { isWrite: false };
    return this.#during(own, () => change((draft) => this.#noting(own, draft, recipe), own));
  }

  /** Removes the document. */
  remove<R>(change: () => Promise<R>): Promise<R> {
    return this.#during({ isWrite: false, after: { value: undefined } }, change);
  }

  /**
   * What becomes of a whole new document that is written over what this handle has seen; undefined where it is to overwrite.
   * @param earlier - What the handle is changing, begun before and not ended: the latest last.
   */
  reconciling(ours: unknown, earlier: readonly OwnChange[] = []): DocumentJob["reconcile"] {
    const base = this.#known;
    if (base === undefined || this.#merge === "overwrite") return undefined;
    const write = { path: this.#path, base, ours, earlier, merges: this.#merge === "fields" };
    return (found) => reconcileWith(write, { value: found.source?.value, revision: found.revision });
  }

  async #during<R>(own: OwnChange, change: () => Promise<R>): Promise<R> {
    this.#changing.push(own);
    try {
      return await change();
    } finally {
      this.#changing.splice(this.#changing.indexOf(own), 1);
    }
  }

  #noting(own: OwnChange, draft: unknown, recipe: JobRecipe): unknown {
    own.before = { value: isDraft(draft) ? original(draft) : draft };
    const note = (returned: unknown): unknown => {
      // A write that waits may be next, before the outcome is told. Without one there is no need for a copy.
      if (this.#changing.some(({ isWrite }) => isWrite))
        own.after = { value: withoutDrafts(returned === undefined ? draft : returned) };
      return returned;
    };
    const returned = recipe(draft);
    return returned instanceof Promise ? returned.then(note) : note(returned);
  }
}
