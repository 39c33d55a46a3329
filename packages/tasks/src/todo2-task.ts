/** One row of exarp's `.todo2/todo2.db`, as far as claims concern it. Instants are Unix seconds. */
export interface Todo2Task {
  /** `T-<n>`. */
  readonly id: string;
  readonly name: string;
  readonly content: string;
  readonly status: Todo2Status;
  readonly priority: "low" | "medium" | "high" | "critical";
  /** Grows by one with every write, renewals included. */
  readonly version: number;
  readonly assignee: string | undefined;
  readonly assigned_at: number | undefined;
  /** The claim holds until this second. */
  readonly lock_until: number | undefined;
}

export type Todo2Status = "Todo" | "In Progress" | "Review" | "Done" | "Cancelled" | "Blocked";

/** A task that one agent holds. */
export interface TaskClaim {
  readonly taskId: string;
  readonly agentId: string;
  readonly leaseMs: number;
  /** The task's version after the claim. A change with an older one is refused with `ERR_STALE_FENCING_TOKEN`. */
  readonly fencingToken: number;
}

/** Why a claim was not granted. Contention is a value; only failures are errors. */
export interface ClaimRefusal {
  readonly taskId: string;
  readonly wasLocked: boolean;
  readonly lockedBy: string | undefined;
}
