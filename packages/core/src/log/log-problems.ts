import { LogCorruptError } from "../errors.ts";
import type { LogProblem } from "./parse-lines.ts";

/**
 * What happens to a damaged line. `"error"`: reading throws. The others pass over it when reading, and differ in what a rewrite
 * of the log does: `"skip"` and `"quarantine"` move it aside, the latter already when it is read; `"keep"` leaves it behind
 * the line it stands behind.
 */
export type OnCorrupt = "error" | "skip" | "quarantine" | "keep";

/** @throws {TypeError} naming the option. */
export function checkOnCorrupt(value: unknown): OnCorrupt {
  if (value === "error" || value === "skip" || value === "quarantine" || value === "keep") return value;
  throw new TypeError(`onCorrupt must be "error", "skip", "quarantine" or "keep", got ${String(value)}`);
}

/** Lines that were passed over. */
export interface LogProblems {
  /** How many lines the records read so far leave out. */
  readonly count: number;
  /** The first 100 of them. */
  readonly first: readonly LogProblem[];
}

const mostKept = 100;

/** Collects problems, or throws the first. */
export class ProblemList {
  readonly #path: string;
  readonly #onCorrupt: OnCorrupt;
  #count = 0;
  #damaged = 0;
  #first: LogProblem[] = [];

  constructor(path: string, onCorrupt: OnCorrupt) {
    this.#path = path;
    this.#onCorrupt = onCorrupt;
  }

  /** @throws {LogCorruptError} at `"error"`. */
  add(problem: LogProblem, cause: unknown): void {
    if (this.#onCorrupt === "error") {
      throw new LogCorruptError(this.#path, problem.line, problem.byteOffset, problem.why, { cause });
    }
    this.#count += 1;
    if (problem.kind === "damaged") this.#damaged += 1;
    if (this.#first.length < mostKept) this.#first.push(problem);
  }

  /** How many lines could be moved aside. */
  get damaged(): number {
    return this.#damaged;
  }

  clear(): void {
    this.#count = 0;
    this.#damaged = 0;
    this.#first = [];
  }

  report(): LogProblems {
    return { count: this.#count, first: [...this.#first] };
  }
}
