/** What this package knows of an entry or a timer beyond what the variant of the file can say. */
import { isInstantMs, isMonotonic, isObject, isReserved, longestEntryMs } from "../arguments.ts";
import { isMoney } from "../money/money.ts";
import type { TimeEntry, Timer } from "../time/entry.ts";
import { isDay, isTimeZone } from "../time/local-day.ts";
import { extrasKey, type Json, type Native, type NativeTimer, type Shape } from "./shape.ts";

const tooLong = "it lasts longer than a hundred years";

type Rule = (value: unknown) => boolean;
const text: Rule = (value) => typeof value === "string";
/** Things are kept under their ids: that one would be a prototype there. */
const name: Rule = (value) => typeof value === "string" && value !== "__proto__";
/** Of a timer that no place tells the task of: what a variant means something else by is no task. */
const task: Rule = (value) => typeof value === "string" && !isReserved(value);
const flag: Rule = (value) => typeof value === "boolean";
const ms: Rule = isInstantMs;
const day: Rule = isDay;
const zone: Rule = (value) => typeof value === "string" && isTimeZone(value);
const object: Rule = isObject;
const oneOf =
  (...words: readonly string[]): Rule =>
  (value) =>
    words.includes(value as string);

const workRules: Readonly<Record<string, Rule>> = {
  id: text,
  actorId: text,
  ownerId: text,
  instanceId: text,
  sessionId: text,
  projectId: text,
  clientId: text,
  timeZone: zone,
  nonBillableReason: text,
  note: text,
  reason: text,
  billable: flag,
  startedAtMs: ms,
  supervision: oneOf("hands-on", "supervised", "autonomous"),
};

const entryRules: Readonly<Record<string, Rule>> = {
  ...workRules,
  endedAtMs: ms,
  workedMs: ms,
  localDay: day,
  invoiceId: text,
  state: oneOf("recovered"),
  source: oneOf("timer", "manual", "idle"),
  rate: isMoney,
};

/** Whether a field under our key is one of an entry that is known here; what is not stays as it is. */
export function isEntryExtra(key: string): boolean {
  return Object.hasOwn(entryRules, key);
}

/** Of a timer whose task its place tells. */
const placedRules: Readonly<Record<string, Rule>> = {
  ...workRules,
  id: name,
  state: oneOf("running", "paused"),
  pausedAtMs: ms,
  heartbeatAtMs: ms,
  leaseMs: ms,
  monotonic: isMonotonic,
  process: object, // whoever judges by it looks closer
};

const listedRules: Readonly<Record<string, Rule>> = { ...placedRules, taskId: task };
/** Of what a line of the history or the journal holds whole. */
const wholeRules = {
  entry: { ...entryRules, taskId: name },
  timer: { ...placedRules, taskId: name },
} as const;

/** The fields of a value that the native ones do not tell. */
function extrasOf(value: object, native: object, always: readonly string[]): Json {
  const told = native as Json;
  const extras: Json = {};
  for (const [key, field] of Object.entries(value))
    if (field !== undefined && key !== "taskId" && (always.includes(key) || told[key] !== field))
      extras[key] = field;
  return extras;
}

/** A record for an entry: the variant's fields, and the rest under one key. */
export function encodeEntry(shape: Shape, entry: TimeEntry): Json {
  const record = shape.write(entry);
  const native = shape.read(record, entry.taskId);
  const { statedMs, ...told } = typeof native === "string" ? { statedMs: undefined } : native;
  const span = entry.endedAtMs - entry.startedAtMs;
  const worked =
    entry.workedMs === span && isClose(statedMs, span, shape.tolerance.durationMs) ? { workedMs: span } : {};
  record[extrasKey] = extrasOf(entry, { billable: true, ...told, ...worked }, ["id", "timeZone", "localDay"]);
  return record;
}

/** What a record says of an entry; a string that tells what is wrong with it. The id is missing where none is stored. */
export function decodeEntry(
  shape: Shape,
  record: unknown,
  taskId: string | undefined,
): (Native & Partial<TimeEntry>) | string {
  if (!isObject(record)) return "it is no object";
  const native = shape.read(record as Json, taskId);
  if (typeof native === "string") return native;
  const extras = pick(record[extrasKey], entryRules);
  if (typeof extras === "string") return extras;
  const { startedAtMs, endedAtMs, workedMs, localDay, ...rest } = extras as Partial<TimeEntry>;
  const { instantMs, endMs, durationMs } = shape.tolerance;
  const start = startedAtMs ?? native.startedAtMs;
  const end = endedAtMs ?? native.endedAtMs;
  const isRefined =
    Math.abs(start - native.startedAtMs) <= instantMs &&
    Math.abs(end - native.endedAtMs) <= endMs &&
    end >= start;
  const interval = isRefined ? { startedAtMs: start, endedAtMs: end } : pickInterval(native);
  const spanMs = interval.endedAtMs - interval.startedAtMs;
  if (spanMs < 0) return "it ends before it begins";
  if (spanMs > longestEntryMs) return tooLong;
  const stated = native.statedMs ?? spanMs;
  const worked =
    isRefined && workedMs !== undefined && workedMs <= spanMs && isClose(stated, workedMs, durationMs)
      ? workedMs
      : isClose(stated, spanMs, durationMs)
        ? spanMs
        : Math.min(stated, spanMs);
  return {
    ...named(native, rest),
    ...interval,
    workedMs: worked,
    ...(isRefined && localDay !== undefined ? { localDay } : {}),
  } as Native & Partial<TimeEntry>;
}

/** Where a record must have a session id and there was none, it got the id of the entry or timer. */
function named<N extends Native | NativeTimer, R extends object>(native: N, extras: R): N & R {
  const { id, sessionId } = extras as { readonly id?: string; readonly sessionId?: string };
  const said = { ...native, ...extras };
  const isStandIn = sessionId === undefined && id !== undefined && native.sessionId === id;
  return isStandIn ? { ...said, sessionId: undefined } : said;
}

function pickInterval({ startedAtMs, endedAtMs }: Native): Pick<Native, "startedAtMs" | "endedAtMs"> {
  return { startedAtMs, endedAtMs };
}

function isClose(stated: number | undefined, known: number, toleranceMs: number): boolean {
  return stated === undefined || Math.abs(stated - known) <= toleranceMs;
}

/** What stands beside the variant's own fields of a timer. */
export function timerExtras(timer: Timer, native: NativeTimer): Json {
  return extrasOf(timer, { billable: true, ...native }, ["id", "timeZone"]);
}

/** The fields of a timer that are stored; a string that tells what is wrong. */
export function decodeTimer(
  native: NativeTimer,
  record: Json | undefined,
): (NativeTimer & Partial<Timer>) | string {
  const extras = pick(record?.[extrasKey], placedRules);
  if (typeof extras === "string") return extras;
  const { startedAtMs, ...rest } = extras as Partial<Timer>;
  const isRefined = startedAtMs !== undefined && Math.abs(startedAtMs - native.startedAtMs) <= 1_000;
  const found = { ...named(native, rest), startedAtMs: isRefined ? startedAtMs : native.startedAtMs };
  return found as NativeTimer & Partial<Timer>;
}

/** A timer that is stored whole, where the variant has no place for it. */
export function decodeStoredTimer(value: unknown): NativeTimer | string {
  if (!isObject(value)) return "a timer in it is no object";
  const timer = pick(value, listedRules);
  if (typeof timer === "string") return timer;
  const { id, taskId, actorId, state, startedAtMs } = timer;
  if ([id, taskId, actorId, state, startedAtMs].includes(undefined))
    return "a timer in it lacks its id, task, actor, state or start";
  return timer as unknown as NativeTimer;
}

/** Why a value is no whole entry, or no whole timer; undefined where it is one. */
export function faultOf(kind: "entry" | "timer", value: unknown): string | undefined {
  const picked = pick(value, wholeRules[kind]);
  if (typeof picked === "string") return picked;
  const missing = needed[kind].find((key) => picked[key] === undefined);
  if (missing !== undefined) return `${missing} is missing`;
  const spanMs = Number(picked["endedAtMs"] ?? 0) - Number(picked["startedAtMs"]);
  return spanMs > longestEntryMs ? tooLong : undefined;
}

const work = ["id", "taskId", "actorId", "timeZone", "billable", "startedAtMs"];
const needed = {
  entry: [...work, "endedAtMs", "workedMs", "localDay"],
  timer: [...work, "state", "heartbeatAtMs"],
} as const;

function pick(value: unknown, rules: Readonly<Record<string, Rule>>): Json | string {
  if (value === undefined) return {};
  if (!isObject(value)) return `${extrasKey} is no object`;
  const picked: Json = {};
  for (const key in rules) {
    const field = value[key];
    if (field === undefined) continue;
    if (rules[key]?.(field) !== true) return `${extrasKey}.${key} is not what it must be`;
    picked[key] = field;
  }
  return picked;
}
