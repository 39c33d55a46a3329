import { checkOptionalFlag, checkOptionalId } from "../arguments.ts";
import type { TimeEntry } from "../time/entry.ts";
import { checkDay } from "../time/local-day.ts";

/** Which time to look at. */
export interface TimeFilter {
  readonly actorId?: string | undefined;
  readonly ownerId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  readonly billable?: boolean | undefined;
  /** First and last local day, both included. Time across midnight is cut there. */
  readonly from?: string | undefined;
  readonly through?: string | undefined;
}

/** Whether an entry is among those asked for, its days aside. */
export function matchesFilter(entry: TimeEntry, filter: TimeFilter): boolean {
  for (const key of ["actorId", "ownerId", "taskId", "projectId", "clientId", "billable"] as const)
    if (filter[key] !== undefined && filter[key] !== entry[key]) return false;
  return true;
}

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkFilter(filter: TimeFilter): TimeFilter {
  for (const key of ["actorId", "ownerId", "taskId", "projectId", "clientId"] as const)
    checkOptionalId(key, filter[key]);
  checkOptionalFlag("billable", filter.billable);
  if (filter.from !== undefined) checkDay("from", filter.from);
  if (filter.through !== undefined) checkDay("through", filter.through);
  return filter;
}
