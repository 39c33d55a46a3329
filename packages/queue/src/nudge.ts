import { StoreError } from "@flockwork/core";

/** A message to an agent's session: one file of a nudge queue. Fields that are not listed here are kept. */
export interface Nudge {
  readonly sender: string;
  readonly message: string;
  readonly priority: "normal" | "urgent";
  readonly kind?: string | undefined;
  readonly thread_id?: string | undefined;
  readonly severity?: string | undefined;
  /** RFC 3339, as all instants. */
  readonly timestamp: string;
  readonly expires_at: string;
  /** Not to be handed out before. */
  readonly deliver_after?: string | undefined;
}

/** What is asked for when a nudge is sent; the rest is filled in. */
export type NewNudge = Pick<Nudge, "sender" | "message" | "kind" | "thread_id" | "severity"> & {
  readonly priority?: Nudge["priority"] | undefined;
  readonly deliverAfter?: Date | undefined;
};

/** A nudge in the hands of one reader. */
export interface ClaimedNudge {
  readonly nudge: Nudge;
  /** It was delivered. */
  done(): Promise<void>;
  /** It was not: somebody else may. */
  putBack(): Promise<void>;
}

export interface NudgeQueueOptions {
  /** Default `.runtime/nudge_queue`. */
  readonly directory?: string | undefined;
  /** Nudges that may wait. Default 50. */
  readonly most?: number | undefined;
  /** Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** A session has as many nudges waiting as it may. Nothing was sent. */
export class NudgeQueueFullError extends StoreError {
  readonly code = "ERR_NUDGE_QUEUE_FULL";
  readonly session: string;

  constructor(session: string, most: number) {
    super(`Cannot nudge ${session}: ${most} nudges wait for it already. Send it when some have been read.`);
    this.session = session;
  }
}
