import type { StoredEvent } from "./packed-event.ts";

type Fields = Readonly<Record<string, unknown>>;

const ofClaim = (event: Fields): boolean =>
  typeof event["job"] === "string" && typeof event["token"] === "string";
const ofJob = (event: Fields): boolean => typeof event["job"] === "string";
const ofClaims = (event: Fields): boolean => {
  const { jobs, tokens } = event;
  if (jobs === undefined) return ofClaim(event);
  return (
    Array.isArray(jobs) &&
    Array.isArray(tokens) &&
    jobs.length === tokens.length &&
    areTexts(jobs) &&
    areTexts(tokens)
  );
};
const areTexts = (list: readonly unknown[]): boolean => list.every((item) => typeof item === "string");
const lasting = (event: Fields): boolean =>
  ofClaims(event) && typeof event["leaseMs"] === "number" && typeof event["up"] === "number";
const anything = (): boolean => true;

const shapes: Readonly<Record<StoredEvent["type"], (event: Fields) => boolean>> = {
  claimed: (event) => lasting(event) && typeof event["by"] === "string",
  extended: lasting,
  completed: ofClaims,
  failed: (event) => ofClaim(event) && typeof event["error"] === "object",
  expired: ofClaim,
  released: ofClaim,
  progressed: ofClaim,
  logged: ofClaim,
  cancelled: ofJob,
  redriven: ofJob,
  joined: (event) =>
    typeof event["by"] === "string" &&
    typeof event["clock"] === "string" &&
    typeof event["process"] === "object",
  paused: anything,
  resumed: anything,
  draining: anything,
  limited: (event) => typeof event["limits"] === "object" && event["limits"] !== null,
  scheduled: (event) =>
    typeof (event["schedule"] as Fields | undefined)?.["name"] === "string" &&
    typeof (event["schedule"] as Fields)["cron"] === "string",
  unscheduled: (event) => typeof event["name"] === "string",
  compacted: anything,
};

/** Whether a record of `events.jsonl` is an event of ours, and not somebody else's line. */
export function isStoredEvent(value: unknown): value is StoredEvent {
  if (typeof value !== "object" || value === null) return false;
  const event = value as Fields;
  const { type } = event;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type) || typeof event["at"] !== "string")
    return false;
  return shapes[type as StoredEvent["type"]](event);
}
