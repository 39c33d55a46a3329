import {
  checkId,
  checkInstant,
  checkOptionalFlag,
  checkOptionalId,
  checkOptionalProcess,
  checkOptionalText,
  checkWhole,
  checkWord,
  type InstantLike,
} from "../arguments.ts";
import { developerId } from "../identity.ts";
import { checkMoney } from "../money/money.ts";
import { defined, type Work } from "../time/entry.ts";
import { checkTimeZone } from "../time/local-day.ts";
import type { AddOptions, StartOptions, TimerOptions, WorkOptions } from "../time-options.ts";
import type { EntryAddition, EntryChanges } from "./edit-entry.ts";
import type { TimerStart } from "./start-timer.ts";
import type { IdleAction, TimerChoice } from "./stop-timer.ts";

/** Reads what callers say of work. @throws {TypeError | RangeError} naming the option. */
export function readWork(options: WorkOptions, timeZone: string): Work {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  return defined({
    taskId: checkId("taskId", options.taskId),
    actorId: checkId("actorId", options.actorId ?? developerId()),
    ownerId: checkOptionalId("ownerId", options.ownerId),
    instanceId: checkOptionalId("instanceId", options.instanceId),
    sessionId: checkOptionalId("sessionId", options.sessionId),
    projectId: checkOptionalId("projectId", options.projectId),
    clientId: checkOptionalId("clientId", options.clientId),
    timeZone: options.timeZone === undefined ? timeZone : checkTimeZone("timeZone", options.timeZone),
    billable: checkOptionalFlag("billable", options.billable) ?? true,
    nonBillableReason: checkOptionalText("nonBillableReason", options.nonBillableReason),
    supervision: checkWord("supervision", options.supervision, ["hands-on", "supervised", "autonomous"]),
    note: checkOptionalText("note", options.note),
  });
}

export function readStart(options: StartOptions, timeZone: string, nowMs: number): TimerStart {
  const work = readWork(options, timeZone);
  const { startedAt, leaseMs } = options;
  const startedAtMs = startedAt === undefined ? undefined : checkInstant("startedAt", startedAt);
  if (startedAtMs !== undefined && startedAtMs > nowMs)
    throw new RangeError("startedAt must not lie after now");
  return {
    ...work,
    ...defined({
      startedAtMs,
      process: checkOptionalProcess("process", options.process),
      leaseMs: leaseMs === undefined ? undefined : checkWhole("leaseMs", leaseMs, 1),
    }),
    whileRunning: checkWord("whileRunning", options.whileRunning, ["refuse", "pause"]) ?? "refuse",
  };
}

export function readChoice(options: TimerOptions = {}): TimerChoice {
  return {
    actorId: checkId("actorId", options.actorId ?? developerId()),
    taskId: checkOptionalId("taskId", options.taskId),
    instanceId: checkOptionalId("instanceId", options.instanceId),
    sessionId: checkOptionalId("sessionId", options.sessionId),
  };
}

export function readAddition(options: AddOptions, timeZone: string): EntryAddition {
  return {
    ...readWork(options, timeZone),
    startedAtMs: checkInstant("startedAt", options.startedAt),
    endedAtMs: checkInstant("endedAt", options.endedAt),
    ...defined({
      reason: checkOptionalText("reason", options.reason),
      rate: options.rate === undefined ? undefined : checkMoney("rate", options.rate),
    }),
  };
}

/** What may be changed of an entry, as callers give it. */
export interface EditOptions extends Partial<
  Pick<
    AddOptions,
    | "taskId"
    | "startedAt"
    | "endedAt"
    | "billable"
    | "nonBillableReason"
    | "note"
    | "reason"
    | "projectId"
    | "clientId"
    | "supervision"
    | "rate"
  >
> {}

/** Only what is given: `undefined` takes a field away. */
export function readEdit(options: EditOptions): EntryChanges {
  const checks: { readonly [K in keyof EditOptions]-?: () => unknown } = {
    taskId: () => checkId("taskId", options.taskId),
    startedAt: () => checkInstant("startedAt", options.startedAt),
    endedAt: () => checkInstant("endedAt", options.endedAt),
    billable: () => checkOptionalFlag("billable", options.billable) ?? true,
    nonBillableReason: () => checkOptionalText("nonBillableReason", options.nonBillableReason),
    note: () => checkOptionalText("note", options.note),
    reason: () => checkOptionalText("reason", options.reason),
    projectId: () => checkOptionalId("projectId", options.projectId),
    clientId: () => checkOptionalId("clientId", options.clientId),
    supervision: () =>
      checkWord("supervision", options.supervision, ["hands-on", "supervised", "autonomous"]),
    rate: () => (options.rate === undefined ? undefined : checkMoney("rate", options.rate)),
  };
  const names: Readonly<Record<string, string>> = { startedAt: "startedAtMs", endedAt: "endedAtMs" };
  const given = Object.entries(checks).filter(([key]) => Object.hasOwn(options, key));
  return Object.fromEntries(given.map(([key, check]) => [names[key] ?? key, check()]));
}

/** Since when nobody was there, and what becomes of it. @throws {TypeError | RangeError} naming the option. */
export function readIdle(options: { readonly since: InstantLike; readonly action: IdleAction }): {
  readonly sinceMs: number;
  readonly action: IdleAction;
} {
  const sinceMs = checkInstant("since", options.since);
  const action = checkWord("action", options.action, ["discard", "keep", "split"]);
  if (action === undefined) throw new TypeError("action must be discard, keep or split");
  return { sinceMs, action };
}
