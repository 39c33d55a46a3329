import { TooLargeError } from "../errors.ts";
import { encodeState, parseState, type DocumentState } from "./document-state.ts";
import { draftOf, type JsonDraft } from "./text/draft.ts";
import type { OriginTree } from "./text/draft-origins.ts";
import { emitJson } from "./text/emit-json.ts";
import type { IntegerMode, JsonSource } from "./text/json-source.ts";
import { settleValue, type Partners } from "./text/settle-value.ts";
import type { DocumentRules } from "./document-job.ts";

/**
 * A document while the updates of one batch are applied to it, one after the other. Every accepted change gives a new
 * frozen value; the bytes are made once, at the end, over those of the file.
 */
export class WorkingCopy {
  readonly #path: string;
  readonly #integers: IntegerMode;
  #state: DocumentState;
  #source: JsonSource | undefined;
  #partners: Partners = new Map();
  #value: unknown;
  /** The deepest that any change so far was allowed to nest. */
  #depthBound: number;
  /** How a document that is new ends: as the change says that makes it. */
  #finalNewline = true;

  constructor(path: string, state: DocumentState, integers: IntegerMode) {
    this.#path = path;
    this.#integers = integers;
    this.#state = state;
    this.#source = state.source;
    this.#value = state.source?.value;
    this.#depthBound = state.source?.depthBound ?? 0;
  }

  /** Undefined while there is no document. */
  get value(): unknown {
    return this.#value;
  }

  /** The content as it is now, made when it is first asked for: later changes do not touch it. */
  get content(): () => DocumentState {
    const state = this.#state;
    const source = this.#source;
    const value = this.#value;
    const partners = this.#partners;
    const depthBound = this.#depthBound;
    const finalNewline = this.#finalNewline;
    if (value === state.source?.value) return () => state;
    let made: DocumentState | undefined;
    return () =>
      (made ??= encodeState(emitJson(this.#path, source, value, partners, depthBound, finalNewline)));
  }

  draft(base: unknown, maxDepth: number): JsonDraft {
    return draftOf(this.#path, base, maxDepth, this.#source?.canonical === false);
  }

  /** The JSON value that `next` is, sharing what it can with `base`. Nothing is changed yet. */
  settle(next: unknown, base: unknown, rules: ChangeRules, origins?: OriginTree): SettledChange {
    this.#depthBound = Math.max(this.#depthBound, rules.maxDepth);
    const finalNewline = this.#value === undefined ? rules.finalNewline : this.#finalNewline;
    const context = {
      path: this.#path,
      maxDepth: rules.maxDepth,
      source: this.#source,
      partners: this.#partners,
    };
    const { value, gainedBigInt, addedChars } = settleValue(context, next, base, origins);
    // Worst case: every added character takes six bytes. Only then is it worth the exact answer.
    const worst = (this.#source?.text.length ?? 0) * 3 + addedChars * 6;
    if (worst > rules.maxBytes) this.#checkSize(value, rules.maxBytes, finalNewline);
    return { value, finalNewline, respell: gainedBigInt && this.#integers === "number" };
  }

  /**
   * Makes a settled change the content.
   * @throws {DocumentInvalidError} when it moved a number that JavaScript rounds, and its digits cannot be told; then
   * nothing is changed.
   */
  accept({ value, respell, finalNewline }: SettledChange): void {
    this.#finalNewline = finalNewline;
    // Where digits matter that values do not hold, the next change must start from the text.
    if (this.#source?.lossy === true || respell) this.#rebase(value);
    else this.#value = value;
  }

  #rebase(value: unknown): void {
    const { bytes = Buffer.alloc(0) } = encodeState(this.#emit(value, this.#finalNewline));
    this.#state = parseState(this.#path, bytes, { maxDepth: Infinity, integers: this.#integers });
    this.#source = this.#state.source;
    this.#partners = new Map();
    this.#value = this.#source?.value;
  }

  #checkSize(value: unknown, maxBytes: number, finalNewline: boolean): void {
    const { bytes } = encodeState(this.#emit(value, finalNewline));
    const size = bytes?.length ?? 0;
    if (size > maxBytes) throw new TooLargeError(this.#path, "maxBytes", maxBytes, size);
  }

  #emit(value: unknown, finalNewline: boolean): JsonSource {
    return emitJson(this.#path, this.#source, value, this.#partners, Infinity, finalNewline);
  }
}

type ChangeRules = Pick<DocumentRules, "maxBytes" | "maxDepth" | "finalNewline">;

/** A change that may be made. */
export interface SettledChange {
  readonly value: unknown;
  readonly finalNewline: boolean;
  /** It holds a BigInt where values are read as numbers: what is read back differs from it. */
  readonly respell: boolean;
}
