import { StoreError } from "@flockwork/core";

/** The actor has a timer already. Nothing was changed. */
export class TimerRunningError extends StoreError {
  readonly code = "ERR_TIMER_RUNNING";
  readonly actorId: string;
  readonly taskId: string;

  constructor(attempt: string, actorId: string, taskId: string) {
    super(
      `Cannot ${attempt}: a timer of ${actorId} runs on ${taskId}. Nothing was changed. ` +
        'Stop it, call switch, or start with whileRunning: "pause".',
    );
    this.actorId = actorId;
    this.taskId = taskId;
  }
}

/** The actor has no timer in the state that was asked for. Nothing was changed. */
export class TimerNotRunningError extends StoreError {
  readonly code = "ERR_TIMER_NOT_RUNNING";
  readonly actorId: string;

  constructor(attempt: string, actorId: string, why: string) {
    super(`Cannot ${attempt}: ${why}. Nothing was changed. Look with status(), or start one.`);
    this.actorId = actorId;
  }
}

/** The timer, or the session, belongs to another instance. Nothing was changed. */
export class TimerOwnerError extends StoreError {
  readonly code = "ERR_TIMER_OWNER";
  readonly ownedBy: string;

  constructor(attempt: string, ownedBy: string) {
    super(
      `Cannot ${attempt}: it belongs to ${ownedBy}. Nothing was changed. ` +
        "Ask without instanceId, or take it over once its owner has ended.",
    );
    this.ownedBy = ownedBy;
  }
}

/** The time would be counted twice: it overlaps other time of the same actor, or more of a human's agents than allowed. Nothing was changed. */
export class OverlapError extends StoreError {
  readonly code = "ERR_TIME_OVERLAP";
  /** The ids of the entries and timers it overlaps. */
  readonly overlaps: readonly string[];

  constructor(attempt: string, overlaps: readonly string[], why: string) {
    super(`Cannot ${attempt}: ${why}. Nothing was changed. Change or remove what it overlaps first.`);
    this.overlaps = overlaps;
  }
}

/** No entry, session, invoice or budget of that id. Nothing was changed. */
export class TimeNotFoundError extends StoreError {
  readonly code = "ERR_TIME_NOT_FOUND";
  readonly id: string;

  constructor(attempt: string, id: string) {
    super(`Cannot ${attempt}: there is no ${JSON.stringify(id)}. Nothing was changed. List what there is.`);
    this.id = id;
  }
}

/** The entry is closed to changes: its period is sealed, or it stands on an invoice. Nothing was changed. */
export class EntryLockedError extends StoreError {
  readonly code = "ERR_ENTRY_LOCKED";
  readonly lockedBy: string;

  constructor(attempt: string, lockedBy: string) {
    super(
      `Cannot ${attempt}: ${lockedBy}. Nothing was changed. ` +
        "Correct it with an adjustment, or void the invoice it stands on.",
    );
    this.lockedBy = lockedBy;
  }
}

/** What was to be undone, confirmed or taken over is not as it was. Nothing was changed. */
export class TimeConflictError extends StoreError {
  readonly code = "ERR_TIME_CONFLICT";

  constructor(attempt: string, why: string) {
    super(`Cannot ${attempt}: ${why}. Nothing was changed. Look again, then decide.`);
  }
}

/** The file is not what this package reads, or holds what it cannot tell the time of. It was left as it is. */
export class TimeFormatError extends StoreError {
  readonly code = "ERR_TIME_FORMAT";
  readonly path: string;

  constructor(path: string, why: string) {
    super(`Cannot use ${path}: ${why}. It was left as it is. Repair it, or move it away.`);
    this.path = path;
  }
}

/** Money cannot be worked out: a rate is missing, currencies are mixed, or an amount is too large. Nothing was changed. */
export class BillingError extends StoreError {
  readonly code = "ERR_BILLING";

  constructor(attempt: string, why: string) {
    super(`Cannot ${attempt}: ${why}. Nothing was changed.`);
  }
}
