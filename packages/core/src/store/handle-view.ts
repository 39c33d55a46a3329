import type { DocumentJob } from "../document/document-job.ts";
import type { DocumentSnapshot } from "../document/json-document.ts";
import { reconcileWith } from "./reconcile.ts";
import type { MergeRule } from "./store-document.ts";

/** What one handle of a document has seen of it, and is writing: what a whole new document may be written over. */
export class HandleView<T> {
  readonly #path: string;
  readonly #merge: MergeRule;
  #known: DocumentSnapshot<T> | undefined;
  readonly #writing: { readonly value: unknown }[] = [];

  /** @param path - For errors. */
  constructor(path: string, merge: MergeRule) {
    this.#path = path;
    this.#merge = merge;
  }

  /** What it last read or wrote. */
  get known(): DocumentSnapshot<T> | undefined {
    return this.#known;
  }

  /** Takes in what was read or written. */
  see<S extends DocumentSnapshot<T>>(snapshot: S): S {
    this.#known = snapshot;
    return snapshot;
  }

  /**
   * Writes a whole new document. It may follow an earlier write of the handle that its caller did not wait for.
   * @param isGuarded - Whether it is held to what the handle has seen; not, where the caller names a revision.
   */
  async write<R>(
    value: unknown,
    isGuarded: boolean,
    change: (reconcile: DocumentJob["reconcile"]) => Promise<R>,
  ): Promise<R> {
    const own = { value };
    const earlier = this.#writing.map((other) => other.value);
    this.#writing.push(own);
    try {
      return await change(isGuarded ? this.reconciling(value, earlier) : undefined);
    } finally {
      this.#writing.splice(this.#writing.indexOf(own), 1);
    }
  }

  /**
   * What becomes of a whole new document that is written over what this handle has seen; undefined where it is to overwrite.
   * @param earlier - What the handle is writing, begun before and not ended: the latest last.
   */
  reconciling(ours: unknown, earlier: readonly unknown[] = []): DocumentJob["reconcile"] {
    const base = this.#known;
    if (base === undefined || this.#merge === "overwrite") return undefined;
    const write = { path: this.#path, base, ours, earlier, merges: this.#merge === "fields" };
    return (found) => reconcileWith(write, { value: found.source?.value, revision: found.revision });
  }
}
