import type { IssueMap } from "./issue-graph.ts";
import { parseExactly } from "./issue-line.ts";
import { checkIssue } from "./issue-rules.ts";
import type { Issue } from "./issue.ts";
import { readyIssues, type ReadyOptions } from "./ready-issues.ts";

/** The issues that a change starts from. */
export interface IssueSource {
  readonly issues: IssueMap;
  /** The issue of that id, exactly. */
  get(id: string): Issue | undefined;
  /** The line of an issue, as it stands in the file. */
  textOf(id: string): string | undefined;
  /** As `readyIssues`, where that is kept up to date. */
  ready?(options: ReadyOptions): readonly Issue[];
}

/** One issue as a change leaves it. */
export interface ChangedIssue {
  readonly issue: Issue;
  readonly text: string;
}

/** The issues while a change is being worked out, under the lock. Nothing of it is written before it is complete. */
export class IssuesDraft implements IssueSource {
  readonly #source: IssueSource;
  readonly #changed = new Map<string, ChangedIssue>();
  #merged: Map<string, Issue> | undefined;

  constructor(source: IssueSource) {
    this.#source = source;
  }

  /** What was changed so far, in the order of the first change of each. */
  get changed(): ReadonlyMap<string, ChangedIssue> {
    return this.#changed;
  }

  get(id: string): Issue | undefined {
    return this.#changed.get(id)?.issue ?? this.#source.get(id);
  }

  textOf(id: string): string | undefined {
    return this.#changed.get(id)?.text ?? this.#source.textOf(id);
  }

  /** All issues, changes included. */
  get issues(): IssueMap {
    if (this.#changed.size === 0) return this.#source.issues;
    if (this.#merged === undefined) {
      this.#merged = new Map(this.#source.issues);
      for (const [id, { issue }] of this.#changed) this.#merged.set(id, issue);
    }
    return this.#merged;
  }

  /** The issues that can be worked on, changes included; see `readyIssues`. */
  ready(options: ReadyOptions): readonly Issue[] {
    if (this.#changed.size === 0 && this.#source.ready !== undefined) return this.#source.ready(options);
    return readyIssues(this.issues, options);
  }

  /** @throws {BeadInvalidError} the line breaks a rule that the issue does not break already; the draft is as it was. */
  put(text: string): Issue {
    const issue = parseExactly<Issue>(text);
    checkIssue(issue, this.get(issue.id));
    this.#changed.set(issue.id, { issue, text });
    this.#merged?.set(issue.id, issue);
    return issue;
  }
}
