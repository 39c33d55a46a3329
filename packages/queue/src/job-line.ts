import type { StandardSchemaV1 } from "@standard-schema/spec";

/** How long a job rests after an attempt that failed. */
export interface Backoff {
  /** `exponential`: `baseMs` × `factor` to the power of the failures before; `fixed`: `baseMs` each time. Default exponential. */
  readonly kind?: "exponential" | "fixed" | undefined;
  /** Milliseconds. Default 1 000. */
  readonly baseMs?: number | undefined;
  /** Default 2. */
  readonly factor?: number | undefined;
  /** Milliseconds at most. Default 3 600 000. */
  readonly maxMs?: number | undefined;
  /** `full` (default): anything between 0 and that; `none`: exactly that. */
  readonly jitter?: "full" | "none" | undefined;
}

/**
 * What becomes of a job when one that it depends on dies or is cancelled. `cancel` (default): it is cancelled too; `wait`: it
 * waits on, in case the other is redriven; `run`: it runs all the same.
 */
export type OnDependencyFailure = "cancel" | "wait" | "run";

/**
 * One line of `tasks.jsonl`: a job as it was enqueued. The line never changes. What is not there has its default; fields that
 * are not listed here are kept.
 */
export interface JobLine {
  /** Never used twice. */
  readonly id: string;
  /** When it was enqueued: ISO 8601, as all instants. */
  readonly at: string;
  readonly payload: unknown;
  /** Lower goes first. Default 0. */
  readonly priority?: number | undefined;
  /** Not to be claimed before. */
  readonly runAt?: string | undefined;
  /** Two live jobs never share one. */
  readonly key?: string | undefined;
  /** Milliseconds from `at` in which the key stays taken, even when the job has ended. */
  readonly windowMs?: number | undefined;
  /** The job whose place it takes: that one is over. */
  readonly replaces?: string | undefined;
  /** Jobs of one group run one at a time, in the order they were enqueued. */
  readonly group?: string | undefined;
  /** What limits per key count by. */
  readonly limitKey?: string | undefined;
  /** Jobs that must end first. */
  readonly dependsOn?: readonly string[] | undefined;
  readonly onDependencyFailure?: OnDependencyFailure | undefined;
  /** Capabilities a claimer must have. */
  readonly requires?: readonly string[] | undefined;
  /** Claims after which it is given up. Default 5. */
  readonly maxAttempts?: number | undefined;
  readonly backoff?: Backoff | undefined;
  /** Milliseconds one run may take in a worker. */
  readonly timeoutMs?: number | undefined;
  /** W3C trace context of whoever enqueued it. */
  readonly traceparent?: string | undefined;
  /** The schedule that made it, and the instant it stands for: no two jobs stand for the same. */
  readonly schedule?: { readonly name: string; readonly slot: string } | undefined;
}

/** Claims a job gets where nobody says otherwise. */
export const defaultMaxAttempts = 5;

/** Durations are bounded: an instant so long from now can still be written as a date. */
export const longestMs = 4e15;

type Check = (value: unknown) => boolean;
const isText: Check = (value) => typeof value === "string" && value !== "";
/** Whether a field of a line is an instant: a text that is a date. */
export const isInstant: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
export const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
/** From 0 milliseconds to {@link longestMs}. */
export const isDuration: Check = (value) =>
  isNumber(value) && (value as number) >= 0 && (value as number) <= longestMs;
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const isBackoff: Check = (value) => {
  if (!isObject(value)) return false;
  const { kind, baseMs, factor, maxMs, jitter } = value as Backoff;
  return (
    (kind === undefined || kind === "exponential" || kind === "fixed") &&
    (jitter === undefined || jitter === "full" || jitter === "none") &&
    [baseMs, maxMs].every((ms) => ms === undefined || isDuration(ms)) &&
    (factor === undefined || (isNumber(factor) && factor > 0))
  );
};

const optionalFields: Readonly<Record<string, Check>> = {
  priority: isNumber,
  runAt: isInstant,
  key: isText,
  windowMs: isDuration,
  replaces: isText,
  group: isText,
  limitKey: isText,
  dependsOn: isTexts,
  onDependencyFailure: (value) => value === "cancel" || value === "wait" || value === "run",
  requires: isTexts,
  maxAttempts: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  backoff: isBackoff,
  timeoutMs: isDuration,
  traceparent: isText,
  schedule: (value) =>
    isObject(value) &&
    isText((value as JobLine["schedule"])?.name) &&
    isInstant((value as JobLine["schedule"])?.slot),
};

/** Whether a record of `tasks.jsonl` is a job, and not somebody else's line. */
export function isJobLine(value: unknown): value is JobLine {
  if (!isObject(value)) return false;
  const line = value as JobLine;
  if (!isText(line.id) || !isInstant(line.at) || line.payload === undefined) return false;
  for (const field in line) {
    if (field === "id" || field === "at" || field === "payload" || !Object.hasOwn(optionalFields, field))
      continue;
    const member = line[field as keyof JobLine];
    if (member !== undefined && optionalFields[field]?.(member) === false) return false;
  }
  return true;
}

/** Milliseconds until the next attempt, after so many failures. @param random - From 0 to less than 1. */
export function backoffMs(backoff: Backoff | undefined, failures: number, random: () => number): number {
  const {
    kind = "exponential",
    baseMs = 1_000,
    factor = 2,
    maxMs = 3_600_000,
    jitter = "full",
  } = backoff ?? {};
  // Of 0 it stays 0, also where the power has grown past all numbers.
  const grown = kind === "fixed" || baseMs === 0 ? baseMs : baseMs * factor ** Math.max(0, failures - 1);
  const bounded = Math.min(grown, maxMs);
  return Math.round(jitter === "none" ? bounded : bounded * random());
}

/** Any Standard Schema whose input a payload is. */
export type PayloadSchema<Payload> = StandardSchemaV1<Payload, unknown>;
