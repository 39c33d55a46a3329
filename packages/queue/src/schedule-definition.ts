import { Cron } from "./cron.ts";
import { isJobLine, type Backoff } from "./job-line.ts";

/** A cron schedule, as it lies in the events: every process that runs the queue fires it, and each instant fires once. */
export interface ScheduleDefinition {
  readonly name: string;
  /** Five fields: minute, hour, day of month, month, day of week. */
  readonly cron: string;
  /** IANA time zone. Default UTC. */
  readonly timeZone?: string | undefined;
  readonly payload: unknown;
  /** How many instants that were missed are made up for, the latest ones: at most 10 000. Default 0: the next one to come. */
  readonly backfill?: number | undefined;
  readonly priority?: number | undefined;
  readonly group?: string | undefined;
  readonly limitKey?: string | undefined;
  readonly requires?: readonly string[] | undefined;
  readonly maxAttempts?: number | undefined;
  readonly backoff?: Backoff | undefined;
  readonly timeoutMs?: number | undefined;
}

const known = [
  "name",
  "cron",
  "timeZone",
  "payload",
  "backfill",
  "priority",
  "group",
  "limitKey",
  "requires",
  "maxAttempts",
  "backoff",
  "timeoutMs",
] as const;

/** All of them are enqueued in one write. */
const mostBackfill = 10_000;

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkSchedule(definition: ScheduleDefinition): ScheduleDefinition {
  const { name, cron, timeZone, backfill } = definition;
  if (typeof name !== "string" || name === "") throw new TypeError("name must be a non-empty string");
  if (definition.payload === undefined)
    throw new TypeError("payload must be a JSON value; use null for none");
  if (backfill !== undefined && (!Number.isSafeInteger(backfill) || backfill < 0 || backfill > mostBackfill))
    throw new RangeError(
      `backfill must be a whole number from 0 to ${mostBackfill}, got ${String(backfill)}`,
    );
  if (new Cron(cron, timeZone).next(0) === undefined) throw new RangeError(`${cron} is never due`);
  const checked = onlyKnown(definition);
  const { name: _, cron: __, timeZone: ___, backfill: ____, ...line } = checked;
  if (!isJobLine({ id: "x", at: "2000-01-01T00:00:00.000Z", ...line }))
    throw new TypeError(`The schedule ${name} has an option that no job may have`);
  return checked;
}

/** A schedule without what no schedule has: it would end up in its jobs. */
export function onlyKnown(definition: ScheduleDefinition): ScheduleDefinition {
  const fields: Record<string, unknown> = {};
  for (const field of known) if (definition[field] !== undefined) fields[field] = definition[field];
  return fields as unknown as ScheduleDefinition;
}
