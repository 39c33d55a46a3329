import { compareFencingTokens, highestFencingToken, nextFencingToken, type Instant } from "@flockwork/core";
import type { AgentFile } from "./agent-entry.ts";

/** One turn at the file, under its lock: the draft, the time, and the numbers to hand out. */
export class Turn {
  readonly file: AgentFile;
  readonly now: Instant;
  /** The same time, as it is written down. */
  readonly at: string;
  #last: string | undefined;
  #afterAll: (() => void) | undefined;

  constructor(file: AgentFile, now: Instant) {
    this.file = file;
    this.now = now;
    this.at = new Date(now.wallMs).toISOString();
  }

  /**
   * A number higher than any that stands in the file; and, should those be lost, than the microseconds since 1970.
   * Ask for it before anything is changed. @throws {UnsupportedError} `ERR_UNSUPPORTED`: there is none above those in the file.
   */
  nextRevision(): string {
    const last = this.#last ?? revisionOf(this.file);
    return (this.#last = nextFencingToken(last, this.now, undefined, "the registry of agents"));
  }

  /** Asks for work over the whole file that all who share the turn need once, after them: of several, what was asked for last. */
  afterAll(work: () => void): void {
    this.#afterAll = work;
  }

  /** All who share the turn have had it. */
  end(): void {
    this.#afterAll?.();
  }
}

/** The revision of a registry: the highest of its entries'. Undefined where nothing was ever registered. */
export function revisionOf(file: Readonly<AgentFile>): string | undefined {
  return highestFencingToken(allRevisions(file));
}

/** Whether the first of two numbers was handed out later. */
export function isLater(first: string, second: string): boolean {
  return compareFencingTokens(first, second) > 0;
}

function* allRevisions(file: Readonly<AgentFile>): Generator<string | undefined> {
  for (const id in file) {
    const entry = file[id];
    if (entry === undefined) continue;
    yield entry.revision;
    yield entry.generation;
    yield entry.prunedThrough;
    yield entry.ends?.at(-1)?.revision;
  }
}
