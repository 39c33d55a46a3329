import { DuplicateJobError, JobNotFoundError, JobStateError } from "../errors.ts";
import type { QueueLimits } from "../limits.ts";
import type { ScheduleDefinition } from "../schedule-definition.ts";
import type { Entry } from "../state/entry.ts";
import type { Decisions } from "./decision.ts";

/** What a pause is of: the whole queue, one limit key, or one group. */
export type PauseScope = { readonly limitKey?: string | undefined; readonly group?: string | undefined };

/** A scope that says nothing is the whole queue, so one that is misspelt must not pass. @throws {TypeError} it is none. */
export function checkScope(scope: PauseScope): PauseScope {
  const isScope =
    typeof scope === "object" &&
    scope !== null &&
    Object.entries(scope).every(
      ([name, value]) =>
        (name === "limitKey" || name === "group") && (value === undefined || typeof value === "string"),
    );
  if (isScope) return scope;
  throw new TypeError(`A scope is { limitKey }, { group } or nothing, got ${JSON.stringify(scope)}`);
}

export function pause(decisions: Decisions, scope: PauseScope, paused: boolean): void {
  const { limitKey, group } = scope;
  const named = { ...(limitKey !== undefined && { limitKey }), ...(group !== undefined && { group }) };
  decisions.addEvent({ type: paused ? "paused" : "resumed", at: decisions.time.at, ...named });
}

export function drain(decisions: Decisions): void {
  if (!decisions.state.draining) decisions.addEvent({ type: "draining", at: decisions.time.at });
}

/** Sets the limits, unless they are so already. */
export function setLimits(decisions: Decisions, limits: QueueLimits): void {
  if (JSON.stringify(limits) === JSON.stringify(decisions.state.limits)) return;
  decisions.addEvent({ type: "limited", at: decisions.time.at, limits });
}

/**
 * Ends a job that is not over. Whoever is working on it finds out when it next reports.
 * @throws {JobNotFoundError | JobStateError} nothing was added.
 */
export function cancel(decisions: Decisions, id: string, reason: string | undefined): void {
  const entry = find(decisions, id, "cancel");
  if (!entry.isLive) throw new JobStateError(id, entry.state, "cancel");
  const why = reason === undefined ? {} : { reason };
  decisions.addEvent({ type: "cancelled", at: decisions.time.at, job: id, ...why });
}

/**
 * Gives a dead or cancelled job a new life.
 * @throws {JobNotFoundError | JobStateError | DuplicateJobError} nothing was added.
 */
export function redrive(decisions: Decisions, id: string): void {
  const { state, time } = decisions;
  const entry = find(decisions, id, "redrive");
  if (entry.state !== "dead" && entry.state !== "cancelled")
    throw new JobStateError(id, entry.state, "redrive");
  const { key } = entry.line;
  const other = key === undefined ? undefined : state.keys.get(key);
  if (key !== undefined && other !== undefined && other !== entry && other.isLive)
    throw new DuplicateJobError(key, other.id, other.state);
  decisions.addEvent({ type: "redriven", at: time.at, job: id });
}

function find({ state }: Decisions, id: string, attempt: string): Entry {
  if (typeof id !== "string")
    throw new TypeError(`a job's id must be a string, got ${id === null ? "null" : typeof id}`);
  const entry = state.jobs.get(id);
  if (entry === undefined) throw new JobNotFoundError(id, attempt);
  return entry;
}

/** Starts a schedule, or gives one another definition: from now on, without making up for what was. */
export function schedule(decisions: Decisions, definition: ScheduleDefinition): void {
  const present = decisions.state.schedules.get(definition.name)?.definition;
  if (JSON.stringify(present) === JSON.stringify(definition)) return;
  decisions.addEvent({ type: "scheduled", at: decisions.time.at, schedule: definition });
}

export function unschedule(decisions: Decisions, name: string): void {
  if (decisions.state.schedules.has(name))
    decisions.addEvent({ type: "unscheduled", at: decisions.time.at, name });
}
