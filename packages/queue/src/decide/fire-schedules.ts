import { StoreError } from "@flockwork/core";
import type { JobLine } from "../job-line.ts";
import { Cron } from "../cron.ts";
import type { ScheduleDefinition } from "../schedule-definition.ts";
import type { QueueState, ScheduleState } from "../state/queue-state.ts";
import type { Decisions } from "./decision.ts";

/** An instant that nobody has fired for so long was missed: only a backfill makes up for it. */
const missedAfterMs = 60_000;

/**
 * Enqueues the jobs of schedules that are due. An instant fires once, whoever comes first: its job has an id of its own. A
 * schedule whose jobs cannot be stored, for a number past 2^53 in its payload, keeps none of the others.
 * @throws {RecordInvalidError | TooLargeError} there is such a one, and nothing else was due. Nothing was added.
 */
export function fireSchedules(decisions: Decisions): void {
  const { state, time } = decisions;
  if (state.draining) return;
  let fired = 0;
  const refused: StoreError[] = [];
  for (const schedule of state.schedules.values()) {
    const lines = dueSlots(state, schedule, time.wallMs).map((slotMs) =>
      lineOf(schedule.definition, slotMs, time.at),
    );
    const fresh = lines.filter(({ id }) => !state.jobs.has(id));
    try {
      decisions.addJobs(fresh);
      fired += fresh.length;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      refused.push(error);
    }
  }
  if (fired === 0 && refused[0] !== undefined) throw refused[0];
}

/** When the next schedule is due, in milliseconds since 1970. */
export function nextFiringMs(state: QueueState): number {
  let nextMs = Infinity;
  for (const schedule of state.schedules.values()) {
    const due = dueSlots(state, schedule, state.nowMs).length > 0;
    const slotMs = due
      ? state.nowMs
      : cronOf(schedule.definition).next(Math.max(state.nowMs, lastMs(state, schedule)));
    nextMs = Math.min(nextMs, slotMs ?? Infinity);
  }
  return nextMs;
}

function dueSlots(state: QueueState, schedule: ScheduleState, nowMs: number): readonly number[] {
  const { backfill = 0 } = schedule.definition;
  const sinceMs = lastMs(state, schedule);
  const cron = cronOf(schedule.definition);
  const missed = backfill > 0 ? cron.latest(sinceMs, nowMs - missedAfterMs, backfill) : [];
  return [...missed, ...cron.latest(Math.max(sinceMs, nowMs - missedAfterMs), nowMs, 60)];
}

function lastMs(state: QueueState, { definition, sinceMs }: ScheduleState): number {
  const slot = state.fired.get(definition.name)?.line.schedule?.slot;
  return slot === undefined ? sinceMs : Math.max(sinceMs, Date.parse(slot));
}

function lineOf(definition: ScheduleDefinition, slotMs: number, at: string): JobLine {
  const { name, cron: _, timeZone: __, backfill: ___, ...rest } = definition;
  const slot = new Date(slotMs).toISOString();
  return { id: `${name}@${slot}`, at, ...rest, schedule: { name, slot } };
}

const crons = new WeakMap<ScheduleDefinition, Cron>();

function cronOf(definition: ScheduleDefinition): Cron {
  let cron = crons.get(definition);
  if (cron === undefined) crons.set(definition, (cron = new Cron(definition.cron, definition.timeZone)));
  return cron;
}
