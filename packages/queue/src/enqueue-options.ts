import { randomBytes } from "node:crypto";
import type { Dedupe, JobDraft } from "./decide/enqueue-job.ts";
import { checkDelay } from "./queue-options.ts";
import { isJobLine, type Backoff, type OnDependencyFailure } from "./job-line.ts";

/** How a job is enqueued. */
export interface EnqueueOptions {
  /** The job's id, for flows and for calls that may be repeated: where it is known already, nothing is enqueued. Default: random. */
  readonly id?: string | undefined;
  /** Lower goes first. Default 0. */
  readonly priority?: number | undefined;
  /** Not to be claimed before: a date, or ISO 8601. */
  readonly runAt?: Date | string | undefined;
  /** The same in milliseconds from now. */
  readonly delayMs?: number | undefined;
  /** Two live jobs never share one; `dedupe` says what happens to the second. */
  readonly key?: string | undefined;
  /**
   * Where a live job has the key: `reject` (default) throws {@link DuplicateJobError}; `ignore` keeps the one there is;
   * `replace` takes its place; `debounce` does too, and runs only when nothing has come for `windowMs`. One that has begun
   * cannot be replaced: that throws.
   */
  readonly dedupe?: Dedupe | undefined;
  /** Milliseconds for which the key stays taken after the job was enqueued, ended or not; with `debounce`, how long it rests. */
  readonly windowMs?: number | undefined;
  /** Jobs of one group run one at a time, in the order they were enqueued. */
  readonly group?: string | undefined;
  /** What limits per key count by: a tenant, a host. */
  readonly limitKey?: string | undefined;
  /** Ids of jobs that must complete first. They must be in the queue, or come before it in the same call. */
  readonly dependsOn?: readonly string[] | undefined;
  /** When one of them dies or is cancelled: `cancel` (default) this one too, `wait` for a redrive, or `run` all the same. */
  readonly onDependencyFailure?: OnDependencyFailure | undefined;
  /** Capabilities that a claimer must have. */
  readonly requires?: readonly string[] | undefined;
  /** Claims after which it is given up. Default 5. */
  readonly maxAttempts?: number | undefined;
  /** How long it rests after an attempt that failed. Default: exponential from 1 s to 1 h, with full jitter. */
  readonly backoff?: Backoff | undefined;
  /** Milliseconds one run may take in a worker; then it is aborted and has failed. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** W3C trace context, handed to whoever runs it. */
  readonly traceparent?: string | undefined;
}

const copied = [
  "priority",
  "key",
  "windowMs",
  "group",
  "limitKey",
  "dependsOn",
  "onDependencyFailure",
  "requires",
  "maxAttempts",
  "backoff",
  "timeoutMs",
  "traceparent",
] as const;

/** @throws {TypeError | RangeError} naming what is wrong. */
export function draftJob(payload: unknown, options: EnqueueOptions): JobDraft {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  if (payload === undefined) throw new TypeError("payload must be a JSON value; use null for none");
  const { id = newJobId(), dedupe = "reject", delayMs } = options;
  const line: Record<string, unknown> = { id, payload };
  for (const field of copied) if (options[field] !== undefined) line[field] = options[field];
  checkLine(line);
  const runAt = options.runAt === undefined ? undefined : dateOf(options.runAt);
  if (delayMs !== undefined) checkDelay("delayMs", delayMs);
  if (!["reject", "ignore", "replace", "debounce"].includes(dedupe))
    throw new TypeError(`dedupe must be reject, ignore, replace or debounce, got ${String(dedupe)}`);
  if (dedupe === "debounce" && options.windowMs === undefined) throw new TypeError("debounce needs windowMs");
  return { line: line as unknown as JobDraft["line"], dedupe, delayMs, runAt: runAt?.toISOString() };
}

function dateOf(runAt: Date | string): Date {
  const isDate = typeof runAt === "string" || runAt instanceof Date;
  const date = new Date(isDate ? runAt : Number.NaN);
  if (Number.isNaN(date.getTime())) throw new RangeError("runAt must be a date, or ISO 8601");
  return date;
}

function checkLine(line: Record<string, unknown>): void {
  const whole = { ...line, at: "2000-01-01T00:00:00.000Z" };
  if (isJobLine(whole)) return;
  const wrong = Object.keys(line).find(
    (field) => !isJobLine({ id: "x", at: whole.at, payload: 0, [field]: line[field] }),
  );
  throw new TypeError(
    `${wrong ?? "an option"} is not what a job may have: ${JSON.stringify(line[wrong ?? ""]) ?? "undefined"}`,
  );
}

const idBytes = 12;
let pool = Buffer.alloc(0);

/** 96 random bits, drawn many at once. */
export function newJobId(): string {
  if (pool.length < idBytes) pool = randomBytes(idBytes * 256);
  const id = pool.toString("hex", 0, idBytes);
  pool = pool.subarray(idBytes);
  return id;
}
