/** One line of `events.jsonl`. The state of the queue is what its events add up to. */
export type QueueEvent =
  | { readonly type: "enqueued"; readonly jobId: string; readonly at: string }
  | {
      readonly type: "claimed";
      readonly jobId: string;
      readonly at: string;
      readonly holder: string;
      readonly fencingToken: number;
    }
  | { readonly type: "renewed"; readonly jobId: string; readonly at: string; readonly fencingToken: number }
  | { readonly type: "completed"; readonly jobId: string; readonly at: string; readonly fencingToken: number }
  | {
      readonly type: "failed";
      readonly jobId: string;
      readonly at: string;
      readonly fencingToken: number;
      readonly error: string;
    }
  | { readonly type: "released"; readonly jobId: string; readonly at: string; readonly fencingToken: number }
  | { readonly type: "died"; readonly jobId: string; readonly at: string; readonly reason: string };

/** One file of a nudge queue: `<unix nanoseconds>-<8 hexadecimal digits>.json`. */
export interface Nudge {
  readonly sender: string;
  readonly message: string;
  readonly priority: "normal" | "urgent";
  readonly kind?: string | undefined;
  readonly thread_id?: string | undefined;
  readonly severity?: string | undefined;
  readonly timestamp: string;
  readonly expires_at: string;
  readonly deliver_after?: string | undefined;
}
