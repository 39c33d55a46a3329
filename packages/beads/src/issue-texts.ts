import type { StoreEntry, StoreLogSink } from "@flockwork/core";
import { kindOf, type IssueRecord } from "./issue-line.ts";
import { LineTexts, type TextSpan } from "./line-texts.ts";

/** The line of each issue, as it stands in the file: a change keeps the bytes of all it does not touch. */
export class IssueTexts implements StoreLogSink<IssueRecord> {
  #spans = new Map<string, TextSpan>();
  #texts = new LineTexts();
  #live = 0;
  #void = 0;

  /** Bytes of the lines that count, and of those that are void. */
  get bytes(): { readonly live: number; readonly void: number } {
    return { live: this.#live, void: this.#void };
  }

  get(id: string): string | undefined {
    const span = this.#spans.get(id);
    return span && this.#texts.get(span);
  }

  apply(record: IssueRecord, { text }: Pick<StoreEntry<IssueRecord>, "text">): void {
    if (kindOf(record) !== "issue") return;
    const id = record["id"] as string;
    const before = this.#spans.get(id);
    const span = this.#texts.add(text);
    this.#spans.set(id, span);
    this.#live += span.end - span.start;
    if (before === undefined) return;
    this.#live -= before.end - before.start;
    this.#void += before.end - before.start;
  }

  reset(): void {
    this.#spans = new Map();
    this.#texts = new LineTexts();
    this.#live = 0;
    this.#void = 0;
  }
}
