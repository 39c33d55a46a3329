import type { StoreEntry, StoreLogSink } from "@flockwork/core";
import type { IssueMap } from "./issue-graph.ts";
import { kindOf, withExactIntegers, type IssueRecord } from "./issue-line.ts";
import { isFinished } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { ReadyIndex } from "./ready-index.ts";
import type { ReadyOptions } from "./ready-issues.ts";
import { LineTexts, type TextSpan } from "./line-texts.ts";
import type { ExportHeader, MemoryLine } from "./neighbour-files.ts";

/** What the lines of an issue file add up to: of several lines of one id, the last one counts. */
export class IssueState implements StoreLogSink<IssueRecord> {
  /** Whether lines are kept beside the issues, so that they can be changed around what a change does not touch. */
  readonly keepsTexts: boolean;
  #issues = new Map<string, Issue>();
  #spans = new Map<string, TextSpan>();
  #texts = new LineTexts();
  #memories = new Map<string, MemoryLine>();
  #unfinished = new Map<string, Issue>();
  #ready: ReadyIndex | undefined;
  #header: ExportHeader | undefined;
  #superseded = 0;
  #liveBytes = 0;
  #voidBytes = 0;
  #version = 0;

  constructor({ keepsTexts = false }: { readonly keepsTexts?: boolean } = {}) {
    this.keepsTexts = keepsTexts;
  }

  /** By id, in the order in which the ids first appear. */
  get issues(): IssueMap {
    return this.#issues;
  }

  /** The issues that can be worked on now; see `readyIssues`. Costs what changed since the last call, and one look at each. */
  ready(options: ReadyOptions): readonly Issue[] {
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

  /** Bytes of the lines that count, and of those that are void. Only where lines are kept. */
  get bytes(): { readonly live: number; readonly void: number } {
    return { live: this.#liveBytes, void: this.#voidBytes };
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
    const span = this.#spans.get(id);
    return span && this.#texts.get(span);
  }

  apply(record: IssueRecord, entry: Pick<StoreEntry<IssueRecord>, "text">): void {
    this.#version += 1;
    switch (kindOf(record)) {
      case "issue":
        this.#applyIssue(record as Issue, entry);
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
    this.#ready = undefined;
    this.#superseded = 0;
    this.#liveBytes = 0;
    this.#voidBytes = 0;
  }

  #applyIssue(record: Issue, entry: Pick<StoreEntry<IssueRecord>, "text">): void {
    const issue = withExactIntegers(record, () => entry.text);
    const { id } = issue;
    const earlier = this.#ready && this.#issues.get(id);
    const count = this.#issues.size;
    this.#issues.set(id, issue);
    const isKnown = this.#issues.size === count;
    if (isKnown) this.#superseded += 1;
    if (this.keepsTexts) this.#keep(id, entry.text);
    if (!isFinished(issue)) this.#unfinished.set(id, issue);
    else if (isKnown) this.#unfinished.delete(id);
    this.#ready?.changed(earlier, issue);
  }
  #keep(id: string, text: string): void {
    const before = this.#spans.get(id);
    const span = this.#texts.add(text);
    this.#spans.set(id, span);
    this.#liveBytes += span.end - span.start;
    if (before === undefined) return;
    this.#liveBytes -= before.end - before.start;
    this.#voidBytes += before.end - before.start;
  }
}
