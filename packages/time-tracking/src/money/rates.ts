import { checkOptionalId, isObject } from "../arguments.ts";
import type { TimeEntry, Work } from "../time/entry.ts";
import { checkDay } from "../time/local-day.ts";
import { checkMoney, type Money } from "./money.ts";

/** What an hour costs, for some work, from some day on. What it does not name, it holds for. */
export interface Rate {
  readonly perHour: Money;
  readonly actorId?: string | undefined;
  readonly taskId?: string | undefined;
  readonly projectId?: string | undefined;
  readonly clientId?: string | undefined;
  /** First local day on which it holds. Default: always did. */
  readonly from?: string | undefined;
  /** Last local day on which it holds. Default: still does. */
  readonly through?: string | undefined;
}

/** The more a rate names, the more it is meant: a task before an actor, before a project, before a client. */
const weights = { taskId: 8, actorId: 4, projectId: 2, clientId: 1 } as const;
const keys = Object.keys(weights) as (keyof typeof weights)[];

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkRate(value: unknown): Rate {
  if (!isObject(value)) throw new TypeError("rate must be an object");
  const named = keys.map((key) => [key, checkOptionalId(`rate.${key}`, value[key])] as const);
  const days = (["from", "through"] as const).map(
    (key) => [key, value[key] === undefined ? undefined : checkDay(`rate.${key}`, value[key])] as const,
  );
  const perHour = checkMoney("rate.perHour", value["perHour"]);
  if (perHour.minorUnits < 0) throw new RangeError("rate.perHour must not be negative");
  const fields = [...named, ...days].filter(([, field]) => field !== undefined);
  return { perHour, ...Object.fromEntries(fields) };
}

/**
 * The rate of some work on a day: of those that hold, the one that names the most; among equals the one that holds since
 * latest, and then the one that was set last.
 */
export function rateOf(rates: readonly Rate[], work: Work & Pick<TimeEntry, "localDay">): Money | undefined {
  let best: Rate | undefined;
  for (const rate of rates) {
    if (!holds(rate, work)) continue;
    const isBetter =
      best === undefined ||
      weightOf(rate) > weightOf(best) ||
      (weightOf(rate) === weightOf(best) && (rate.from ?? "") >= (best.from ?? ""));
    if (isBetter) best = rate;
  }
  return best?.perHour;
}

function holds(rate: Rate, work: Work & Pick<TimeEntry, "localDay">): boolean {
  const { from = "", through = "9999-99-99" } = rate;
  return (
    work.localDay >= from &&
    work.localDay <= through &&
    keys.every((key) => rate[key] === undefined || rate[key] === work[key])
  );
}

function weightOf(rate: Rate): number {
  return keys.reduce((sum, key) => (rate[key] === undefined ? sum : sum + weights[key]), 0);
}
