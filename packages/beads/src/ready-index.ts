import { blockingTypes, IssueGraph, type IssueMap } from "./issue-graph.ts";
import { isFinished } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import { ReadyAnswer } from "./ready-answer.ts";
import {
  asksForAll,
  candidateOf,
  compareByPriority,
  readyTest,
  selectReady,
  type Candidate,
  type ReadyOptions,
} from "./ready-issues.ts";

/**
 * What `readyIssues` gives, for issues that change one by one: candidates are kept in order, and what is known about who is
 * blocked is kept too, but for what a change may touch: those who depend on the issue, directly or through others.
 */
export class ReadyIndex {
  readonly #issues: IssueMap;
  readonly #graph: IssueGraph;
  /** Those not finished, in the order `"priority"`. */
  readonly #sorted: Candidate[];
  /** Who may depend on an issue. May name too many, never too few. */
  readonly #dependents = new Map<string, Set<string>>();
  /** Issues that wait for the children of others: who those are is worked out anew each time. */
  readonly #waiting = new Set<string>();
  /** What was answered last to the usual question. */
  #answer: ReadyAnswer | undefined;
  /** What changed since the last question. Who depends on it is found out by the next: for many changes at once. */
  readonly #changed = new Set<string>();
  /** What may have changed in the answer. */
  readonly #touched = new Set<string>();

  /** @param issues - The maps themselves: they change as `changed` is told. */
  constructor(issues: IssueMap, unfinished: IssueMap) {
    this.#issues = issues;
    this.#graph = new IssueGraph(issues, unfinished);
    this.#sorted = [...unfinished.values()].map(candidateOf).toSorted(compareByPriority);
    // Finished ones too: a finished parent that waits for something holds its children back.
    for (const issue of issues.values()) this.#noteDependencies(issue);
  }

  /** An issue became another, or appeared. Called after the maps have changed. */
  changed(before: Issue | undefined, after: Issue): void {
    if (before !== undefined) {
      this.#graph.forget(before);
      this.#answer?.remove(before);
      if (!isFinished(before)) this.#sorted.splice(this.#placeOf(candidateOf(before)), 1);
    }
    if (!isFinished(after)) {
      const candidate = candidateOf(after);
      this.#sorted.splice(this.#placeOf(candidate), 0, candidate);
    }
    this.#noteDependencies(after);
    this.#changed.add(after.id);
  }

  ready(options: ReadyOptions): readonly Issue[] {
    this.#forgetDependents();
    if (!asksForAll(options)) return selectReady(this.#sorted, this.#graph, options, true);
    const { nowMs = Date.now(), limit = Infinity } = options;
    return this.#answerFor(nowMs).take(limit, nowMs);
  }

  /** What was answered before, with what was touched since looked at again. */
  #answerFor(nowMs: number): ReadyAnswer {
    if (this.#answer?.isFor(nowMs) !== true) {
      const ready = selectReady(this.#sorted, this.#graph, { nowMs }, true);
      this.#answer = new ReadyAnswer(ready, this.#sorted, nowMs);
    } else {
      const isReady = readyTest(this.#graph, { nowMs });
      for (const id of this.#touched) {
        const issue = this.#issues.get(id);
        if (issue === undefined) continue;
        this.#answer.looked(issue, nowMs);
        if (!isFinished(issue) && isReady(candidateOf(issue))) this.#answer.add(issue);
        else this.#answer.remove(issue);
      }
    }
    this.#touched.clear();
    return this.#answer;
  }

  #noteDependencies({ id, dependencies }: Issue): void {
    for (const { type, depends_on_id: target } of dependencies ?? []) {
      if (!blockingTypes.has(type)) continue;
      if (type === "waits-for") this.#waiting.add(id);
      const dependents = this.#dependents.get(target);
      if (dependents === undefined) this.#dependents.set(target, new Set([id]));
      else dependents.add(id);
    }
  }

  #forgetDependents(): void {
    const reached = new Set([...this.#changed, ...this.#waiting]);
    this.#changed.clear();
    for (const each of reached) {
      this.#touched.add(each);
      const issue = this.#issues.get(each);
      if (issue !== undefined) this.#graph.forget(issue);
      for (const dependent of this.#dependents.get(each) ?? []) reached.add(dependent);
    }
  }

  /** Where a candidate stands, or would stand. */
  #placeOf(candidate: Candidate): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareByPriority(this.#sorted[middle] as Candidate, candidate) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
