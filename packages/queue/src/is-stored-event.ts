import { isFencingToken, isProcessIdentity } from "@flockwork/core";
import { isDuration, isInstant } from "./job-line.ts";
import { checkLimits, type QueueLimits } from "./limits.ts";
import type { StoredEvent } from "./packed-event.ts";
import { checkSchedule, type ScheduleDefinition } from "./schedule-definition.ts";

type Fields = Readonly<Record<string, unknown>>;

const ofClaim = (event: Fields): boolean => typeof event["job"] === "string" && isToken(event["token"]);
const ofJob = (event: Fields): boolean =>
  typeof event["job"] === "string" && (event["token"] === undefined || isToken(event["token"]));
const ofClaims = (event: Fields): boolean => {
  const { jobs, tokens } = event;
  if (jobs === undefined) return ofClaim(event);
  return (
    Array.isArray(jobs) &&
    Array.isArray(tokens) &&
    jobs.length === tokens.length &&
    areTexts(jobs) &&
    tokens.every(isToken)
  );
};
const areTexts = (list: readonly unknown[]): boolean => list.every((item) => typeof item === "string");
const lasting = (event: Fields): boolean =>
  ofClaims(event) && isDuration(event["leaseMs"]) && isDuration(event["up"]);
const isToken = (value: unknown): boolean => typeof value === "string" && isFencingToken(value);
const isOptionalText = (value: unknown): boolean => value === undefined || typeof value === "string";
const isFailure = (value: unknown): boolean => {
  const { name, message, stack } = (value ?? {}) as Fields;
  return typeof message === "string" && isOptionalText(name) && isOptionalText(stack);
};
const afterAttempt = (event: Fields): boolean => ofClaim(event) && isOptionalText(event["dead"]);
const ofScope = (event: Fields): boolean =>
  isOptionalText(event["limitKey"]) && isOptionalText(event["group"]);
/** What would be refused from a caller is nobody's when it is read. */
const passes = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};
const anything = (): boolean => true;

const shapes: Readonly<Record<StoredEvent["type"], (event: Fields) => boolean>> = {
  claimed: (event) => lasting(event) && typeof event["by"] === "string",
  extended: lasting,
  completed: ofClaims,
  failed: (event) => afterAttempt(event) && isFailure(event["error"]),
  expired: afterAttempt,
  released: afterAttempt,
  progressed: ofClaim,
  logged: (event) => ofClaim(event) && typeof event["message"] === "string",
  cancelled: (event) => ofJob(event) && isOptionalText(event["reason"]),
  redriven: ofJob,
  joined: (event) =>
    typeof event["by"] === "string" &&
    typeof event["clock"] === "string" &&
    isProcessIdentity(event["process"]),
  paused: ofScope,
  resumed: ofScope,
  draining: anything,
  limited: (event) => passes(() => checkLimits(event["limits"] as QueueLimits)),
  scheduled: (event) => passes(() => checkSchedule(event["schedule"] as ScheduleDefinition)),
  unscheduled: (event) => typeof event["name"] === "string",
  compacted: (event) => event["token"] === undefined || isToken(event["token"]),
};

/** Whether a record of `events.jsonl` is an event of ours, and not somebody else's line. */
export function isStoredEvent(value: unknown): value is StoredEvent {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Fields;
  const { type } = event;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type) || !isInstant(event["at"])) return false;
  if (event["retryAt"] !== undefined && !isInstant(event["retryAt"])) return false;
  if (event["runAt"] !== undefined && !isInstant(event["runAt"])) return false;
  return shapes[type as StoredEvent["type"]](event);
}
