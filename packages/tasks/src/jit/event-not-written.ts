/** Where a change is done and only the event that tells of it is missing: the issue is written first, as jit writes it. */
import { CommitUncertainError, StoreError } from "@flockwork/core";
import type { JitEvent } from "./issue.ts";

/** What is done, and what is missing of it. */
export interface EventFacts<Receipt> {
  /** In words: `Issue … was created`. */
  readonly done: string;
  /** Of the events. */
  readonly path: string;
  readonly events: readonly JitEvent[];
  readonly receipt: Receipt;
}

/**
 * What was asked for is done and on the disk, but the events that tell of it could not be appended to `events.jsonl`: the `cause`
 * says why. Do not repeat the call: what it made would be made twice. The events can be appended later, by `appendEvent`.
 */
export class EventNotWrittenError<Receipt = unknown> extends StoreError {
  readonly code = "ERR_EVENT_NOT_WRITTEN";
  /** In words: `Issue … was created`. */
  readonly done: string;
  /** Of `events.jsonl`; its name where the repository is in a store. */
  readonly path: string;
  /** What the call would have resolved to: `{ issue, changed }`, with the `run` of a check; a gate that was defined. */
  readonly receipt: Receipt;
  /** Those that are missing. */
  readonly events: readonly JitEvent[];
  /** Whether some of them may be there all the same, or a part: the append itself could not tell. */
  readonly mayBeThere: boolean;

  constructor({ done, path, events, receipt }: EventFacts<Receipt>, cause: unknown) {
    const mayBeThere = cause instanceof CommitUncertainError;
    const types = events.map(({ type }) => type).join(", ");
    const where = mayBeThere ? "may be missing from" : "is missing from";
    super(
      `${done}, but what tells of it (${types}) ${where} ${path}: ${reasonOf(cause)}. ` +
        "Do not repeat the call. Tell of it with appendEvent when that is mended.",
      { cause },
    );
    this.done = done;
    this.path = path;
    this.receipt = receipt;
    this.events = events;
    this.mayBeThere = mayBeThere;
  }
}

/** Lets a call of several steps go on where the event of one is missing, and say so in the end. */
export class MissingEvents {
  readonly #met: EventNotWrittenError[] = [];

  /** What a step comes to, with its event or without. @throws What it throws else. */
  async past<R>(step: Promise<R>): Promise<R> {
    try {
      return await step;
    } catch (error) {
      if (!(error instanceof EventNotWrittenError)) throw error;
      this.#met.push(error);
      return error.receipt as R;
    }
  }

  /** Ends the call. @throws {EventNotWrittenError} the events of some steps are missing; with all of them, and this receipt. */
  end<R>(receipt: R): R {
    const told = this.#met.find(({ mayBeThere }) => mayBeThere) ?? this.#met[0];
    if (told === undefined) return receipt;
    const done = [...new Set(this.#met.map((each) => each.done))].join(", ");
    const events = this.#met.flatMap((each) => each.events);
    throw new EventNotWrittenError({ done, path: told.path, events, receipt }, told.cause);
  }
}

/** Its code alone: "Nothing was changed", as causes say, is of the events, and would be read as of the issue. */
function reasonOf(cause: unknown): string {
  const { osCode, code } = cause as { readonly osCode?: unknown; readonly code?: unknown };
  return String(osCode ?? code ?? cause);
}
