import type { StoreEntry, StoreLogSink } from "@flockwork/core";
import type { IssueMap } from "./issue-graph.ts";
import { kindOf, withExactIntegers, type IssueRecord } from "./issue-line.ts";
import { isFinished } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { LineTexts, type TextSpan } from "./line-texts.ts";
import type { ExportHeader, MemoryLine } from "./neighbour-files.ts";

/** What the lines of an issue file add up to: of several lines of one id, the last one counts. */
export class IssueState implements StoreLogSink<IssueRecord> {
  #issues = new Map<string, Issue>();
  #spans = new Map<string, TextSpan>();
  #texts = new LineTexts();
  #memories = new Map<string, MemoryLine>();
  #unfinished = new Map<string, Issue>();
  #header: ExportHeader | undefined;
  #superseded = 0;
  #version = 0;

  /** By id, in the order in which the ids first appear. */
  get issues(): IssueMap {
    return this.#issues;
  }

  /** Those neither closed nor deleted. */
  get unfinished(): IssueMap {
    return this.#unfinished;
  }

  get memories(): ReadonlyMap<string, MemoryLine> {
    return this.#memories;
  }

  get header(): ExportHeader | undefined {
    return this.#header;
  }

  /** Lines that a later line of the same id made void. */
  get superseded(): number {
    return this.#superseded;
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version;
  }

  /** The line of an issue, as it stands in the file. */
  textOf(id: string): string | undefined {
    const span = this.#spans.get(id);
    return span && this.#texts.get(span);
  }

  apply(record: IssueRecord, entry: StoreEntry<IssueRecord>): void {
    this.#version += 1;
    switch (kindOf(record)) {
      case "issue":
        this.#applyIssue(record as Issue, entry.text);
        break;
      case "memory":
        this.#memories.set((record as MemoryLine).key, record as MemoryLine);
        break;
      case "header":
        this.#header ??= record as ExportHeader;
    }
  }

  reset(): void {
    this.#version += 1;
    this.#issues = new Map();
    this.#spans = new Map();
    this.#texts = new LineTexts();
    this.#memories = new Map();
    this.#unfinished = new Map();
    this.#header = undefined;
    this.#superseded = 0;
  }

  #applyIssue(record: Issue, text: string): void {
    const issue = withExactIntegers(record, () => text);
    const { id } = issue;
    const before = this.#issues.size;
    this.#issues.set(id, issue);
    if (this.#issues.size === before) this.#superseded += 1;
    this.#spans.set(id, this.#texts.add(text));
    if (isFinished(issue)) this.#unfinished.delete(id);
    else this.#unfinished.set(id, issue);
  }
}
