import type { Issue } from "./issue.ts";
import { candidateOf, compareByPriority, type Candidate } from "./ready-issues.ts";

/** Ready issues in the order `"priority"`, kept from one question to the next. */
export class ReadyAnswer {
  readonly #ready: Issue[];
  /** Right for questions about times from here … */
  #fromMs: number;
  /** … up to the first at which something that is put off becomes ready. */
  #untilMs: number;

  constructor(ready: readonly Issue[], candidates: readonly Candidate[], nowMs: number) {
    this.#ready = [...ready];
    this.#fromMs = nowMs;
    this.#untilMs = Infinity;
    for (const { deferMs } of candidates) this.#notBeyond(deferMs, nowMs);
  }

  isFor(nowMs: number): boolean {
    return this.#fromMs <= nowMs && nowMs < this.#untilMs;
  }

  remove(issue: Issue): void {
    const place = this.#placeOf(issue);
    if (this.#ready[place] === issue) this.#ready.splice(place, 1);
  }

  add(issue: Issue): void {
    const place = this.#placeOf(issue);
    if (this.#ready[place] !== issue) this.#ready.splice(place, 0, issue);
  }

  /** Notes that an issue was looked at. */
  looked(issue: Issue, nowMs: number): void {
    this.#notBeyond(candidateOf(issue).deferMs, nowMs);
  }

  /** The first of them, for a question about this time. */
  take(limit: number, nowMs: number): readonly Issue[] {
    this.#fromMs = nowMs;
    return this.#ready.slice(0, limit);
  }

  #notBeyond(deferMs: number, nowMs: number): void {
    if (deferMs > nowMs && deferMs < this.#untilMs) this.#untilMs = deferMs;
  }

  /** Where an issue stands, or would stand. */
  #placeOf(issue: Issue): number {
    const candidate = candidateOf(issue);
    let [low, high] = [0, this.#ready.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareByPriority(candidateOf(this.#ready[middle] as Issue), candidate) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
