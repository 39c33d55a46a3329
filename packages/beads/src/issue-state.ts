import type { StoreEntry, StoreLogSink } from "@flockwork/core";
import { checkReady } from "./check-questions.ts";
import type { IssueMap } from "./issue-graph.ts";
import { kindOf, withExactIntegers, type IssueRecord } from "./issue-line.ts";
import { isFinished } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { ReadyIndex } from "./ready-index.ts";
import type { ReadyOptions } from "./ready-issues.ts";
import type { IssueTexts } from "./issue-texts.ts";
import type { ExportHeader, MemoryLine } from "./neighbour-files.ts";

/** What the lines of an issue file add up to: of several lines of one id, the last one counts. */
export class IssueState implements StoreLogSink<IssueRecord> {
  #issues = new Map<string, Issue>();
  #memories = new Map<string, MemoryLine>();
  #unfinished = new Map<string, Issue>();
  #ready: ReadyIndex | undefined;
  #header: ExportHeader | undefined;
  #superseded = 0;
  #version = 0;
  #texts: IssueTexts | undefined;

  /** @param texts - Keeps the lines too. Without it they can be given later, by `keepTexts`. */
  constructor(texts?: IssueTexts) {
    this.#texts = texts;
  }

  /** The lines of the issues, where they are kept: who only reads does not pay for them. */
  get texts(): IssueTexts | undefined {
    return this.#texts;
  }

  /** Keeps lines from now on. @param texts - Those of the issues that are here. */
  keepTexts(texts: IssueTexts): void {
    this.#texts = texts;
  }

  /** By id, in the order in which the ids first appear. */
  get issues(): IssueMap {
    return this.#issues;
  }

  /** The issues that can be worked on now; see `readyIssues`. Costs what changed since the last call, and one look at each. */
  ready(options: ReadyOptions): readonly Issue[] {
    checkReady(options);
    this.#ready ??= new ReadyIndex(this.#issues, this.#unfinished);
    return this.#ready.ready(options);
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

  get(id: string): Issue | undefined {
    return this.#issues.get(id);
  }

  /** The line of an issue, as it stands in the file; undefined where lines are not kept. */
  textOf(id: string): string | undefined {
    return this.#texts?.get(id);
  }

  apply(record: IssueRecord, entry: Pick<StoreEntry<IssueRecord>, "text">): void {
    this.#version += 1;
    switch (kindOf(record)) {
      case "issue":
        this.#applyIssue(record as Issue, entry);
        break;
      case "memory":
        // One without a key is no note that could be asked for: doctor tells of it.
        if (typeof record["key"] === "string") this.#memories.set(record["key"], record as MemoryLine);
        break;
      case "header":
        this.#header ??= record as ExportHeader;
    }
  }

  reset(): void {
    this.#version += 1;
    this.#issues = new Map();
    this.#texts?.reset();
    this.#memories = new Map();
    this.#unfinished = new Map();
    this.#header = undefined;
    this.#ready = undefined;
    this.#superseded = 0;
  }

  #applyIssue(record: Issue, entry: Pick<StoreEntry<IssueRecord>, "text">): void {
    const issue = withExactIntegers(record, () => entry.text);
    const { id } = issue;
    const earlier = this.#ready && this.#issues.get(id);
    const count = this.#issues.size;
    this.#issues.set(id, issue);
    const isKnown = this.#issues.size === count;
    if (isKnown) this.#superseded += 1;
    this.#texts?.apply(issue, entry);
    if (!isFinished(issue)) this.#unfinished.set(id, issue);
    else if (isKnown) this.#unfinished.delete(id);
    this.#ready?.changed(earlier, issue);
  }
}
