import type { Entry } from "./entry.ts";
import type { QueueState } from "./queue-state.ts";

/**
 * Which job waits for which. A job is held back by each one it depends on that may still run, and, unless it is to run all
 * the same, by each that failed. What failed may be redriven, so nothing is forgotten here.
 */
export class Dependencies {
  /** Blocked jobs that are to be cancelled: one that they depend on has failed. Whoever next holds the lock writes it down. */
  readonly doomed: Set<Entry> = new Set();
  readonly #state: QueueState;

  constructor(state: QueueState) {
    this.#state = state;
  }

  /** The job as it is now called: the one that replaced it, if one did. It ends: a job takes the place of earlier ones only. */
  resolve(id: string): Entry | undefined {
    let entry = this.#state.jobs.get(id);
    while (entry?.replacedBy !== undefined) entry = entry.replacedBy;
    return entry;
  }

  /** Takes in what a new job depends on. Jobs that are not there have completed, and were compacted away. */
  link(entry: Entry): void {
    for (const id of new Set(entry.line.dependsOn)) {
      const other = this.resolve(id);
      if (other === undefined || other === entry) continue;
      (other.dependents ??= []).push(entry);
      if (holds(other, entry)) entry.waitsOn += 1;
      this.#judge(entry, other);
    }
  }

  /** A job has just ended: those that depend on it may run, or must not. */
  ended(entry: Entry): void {
    this.doomed.delete(entry);
    if (entry.dependents === undefined) return;
    const { replacedBy } = entry;
    if (replacedBy !== undefined) {
      replacedBy.dependents = [...(replacedBy.dependents ?? []), ...entry.dependents];
      entry.dependents = undefined;
      return;
    }
    for (const dependent of entry.dependents) {
      if (!holds(entry, dependent)) this.#loosen(dependent);
      this.#judge(dependent, entry);
    }
  }

  /** A job that had failed lives again: it is waited for again. */
  revived(entry: Entry): void {
    for (const dependent of entry.dependents ?? []) {
      this.doomed.delete(dependent);
      if (policyOf(dependent) !== "run") continue;
      dependent.waitsOn += 1;
      if (dependent.isLive && dependent.state !== "claimed") this.#state.activate(dependent, dependent.dueMs);
    }
  }

  /** Counts again what holds a job back; for one that is redriven, what failed does not. */
  recount(entry: Entry): void {
    const others = new Set((entry.line.dependsOn ?? []).map((id) => this.resolve(id)));
    entry.waitsOn = [...others].filter((other) => other?.isLive === true && other !== entry).length;
  }

  #loosen(dependent: Entry): void {
    dependent.waitsOn = Math.max(0, dependent.waitsOn - 1);
    if (dependent.state === "blocked") this.#state.activate(dependent, dependent.dueMs);
  }

  #judge(dependent: Entry, other: Entry): void {
    const failed = other.state === "dead" || other.state === "cancelled";
    if (failed && dependent.isLive && policyOf(dependent) === "cancel") this.doomed.add(dependent);
  }
}

function policyOf(entry: Entry): "cancel" | "wait" | "run" {
  return entry.line.onDependencyFailure ?? "cancel";
}

function holds(other: Entry, dependent: Entry): boolean {
  if (other.state === "completed") return false;
  return other.isLive || policyOf(dependent) !== "run";
}
