import type { DeathReason, JobFailure } from "./event.ts";
import { ownCopy } from "./own-copy.ts";
import type { Entry, JobState } from "./state/entry.ts";

/** A job as it is now. `Payload` and `Result` are the caller's own. */
export interface Job<Payload = unknown, Result = unknown> {
  /** Never used twice. */
  readonly id: string;
  readonly state: JobState;
  readonly payload: Payload;
  readonly enqueuedAt: string;
  /** Lower goes first. */
  readonly priority: number;
  readonly runAt?: string | undefined;
  readonly key?: string | undefined;
  readonly group?: string | undefined;
  readonly limitKey?: string | undefined;
  readonly dependsOn: readonly string[];
  readonly requires: readonly string[];
  /** Claims so far, less those that were given back. Counted when claimed, so that a job that kills its worker dies in the end. */
  readonly attempts: number;
  /** Attempts whose holder was not heard of again. */
  readonly crashes: number;
  /** Attempts whose handler failed. */
  readonly failures: number;
  readonly maxAttempts: number;
  readonly timeoutMs?: number | undefined;
  readonly traceparent?: string | undefined;
  readonly schedule?: { readonly name: string; readonly slot: string } | undefined;
  /** Fencing token of the latest claim. */
  readonly token?: string | undefined;
  /** Who claimed it last. */
  readonly holder?: string | undefined;
  readonly claimedAt?: string | undefined;
  readonly firstClaimedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  /** What the last attempt that failed threw. */
  readonly error?: JobFailure | undefined;
  /** Why it was given up. */
  readonly death?: DeathReason | undefined;
  /** Why it was cancelled. */
  readonly reason?: string | undefined;
  readonly progress?: unknown;
  readonly result?: Result | undefined;
  readonly replacedBy?: string | undefined;
}

const optional = [
  "token",
  "holder",
  "claimedAt",
  "firstClaimedAt",
  "endedAt",
  "death",
  "reason",
  "progress",
  "result",
] as const;
const optionalOfLine = ["runAt", "key", "group", "limitKey", "timeoutMs", "traceparent", "schedule"] as const;

/** A job for the caller to keep: it does not change with the queue. */
export function toJob<Payload, Result>(entry: Entry): Job<Payload, Result> {
  const { line } = entry;
  const job: Record<string, unknown> = {
    id: entry.id,
    state: entry.state,
    payload: ownCopy(line.payload),
    enqueuedAt: line.at,
    priority: entry.priority,
    dependsOn: line.dependsOn ?? [],
    requires: line.requires ?? [],
    attempts: entry.attempts,
    crashes: entry.crashes,
    failures: entry.failures,
    maxAttempts: entry.maxAttempts,
  };
  for (const field of optionalOfLine) if (line[field] !== undefined) job[field] = line[field];
  for (const field of optional) if (entry[field] !== undefined) job[field] = ownCopy(entry[field]);
  if (entry.failure !== undefined) job["error"] = entry.failure;
  if (entry.replacedBy !== undefined) job["replacedBy"] = entry.replacedBy.id;
  return job as unknown as Job<Payload, Result>;
}
