import { DuplicateJobError, JobNotFoundError, QueueDrainingError } from "../errors.ts";
import type { JobLine } from "../job-line.ts";
import type { Entry } from "../state/entry.ts";
import type { Decisions } from "./decision.ts";

/** What is done when a live job has the key already. */
export type Dedupe = "reject" | "ignore" | "replace" | "debounce";

/** A job as it is asked for: what depends on the time and on the queue is left open. */
export interface JobDraft {
  readonly line: Omit<JobLine, "at" | "runAt">;
  readonly dedupe: Dedupe;
  readonly runAt?: string | undefined;
  /** Milliseconds from the moment it is enqueued. */
  readonly delayMs?: number | undefined;
}

/** What became of a job that was enqueued. */
export interface Enqueued {
  /** The job: the new one, or with `duplicate` the one that was there. */
  readonly id: string;
  /** `replaced`: it took the place of another. `duplicate`: nothing was enqueued, the same job is there already. */
  readonly outcome: "enqueued" | "replaced" | "duplicate";
}

/**
 * Enqueues jobs, all of them or none; but those whose id or key says that they are there already are passed over. They may
 * depend on jobs before them.
 * @throws {QueueDrainingError | DuplicateJobError | JobNotFoundError | RecordInvalidError} nothing was added.
 */
export function enqueueJobs(
  decisions: Decisions,
  drafts: readonly JobDraft[],
  directory: string,
): readonly Enqueued[] {
  if (decisions.state.draining) throw new QueueDrainingError(directory);
  const ids = new Set<string>();
  const keys = new Set<string>();
  const lines: JobLine[] = [];
  const enqueued = drafts.map((draft): Enqueued => {
    const { id, key } = draft.line;
    const planned = ids.has(id) ? id : plan(decisions, draft, ids);
    if (typeof planned === "string") return { id: planned, outcome: "duplicate" };
    if (key !== undefined && keys.has(key)) throw new DuplicateJobError(key, id, "waiting");
    if (key !== undefined) keys.add(key);
    ids.add(id);
    lines.push(planned);
    return { id, outcome: planned.replaces === undefined ? "enqueued" : "replaced" };
  });
  decisions.addJobs(lines);
  return enqueued;
}

/** The line of a new job, or the id of the one that is there already. */
function plan(decisions: Decisions, draft: JobDraft, before: ReadonlySet<string>): JobLine | string {
  const { state, time } = decisions;
  const { line, dedupe } = draft;
  if (state.jobs.has(line.id)) return line.id;
  for (const id of line.dependsOn ?? [])
    if (!state.jobs.has(id) && !before.has(id)) throw new JobNotFoundError(id, "make a job depend on");
  const other = holderOfKey(decisions, line);
  let replaces: string | undefined;
  if (other !== undefined && line.key !== undefined) {
    if (dedupe === "ignore") return other.id;
    const mayReplace = other.isLive && other.state !== "claimed";
    if (dedupe === "reject" || !mayReplace) throw new DuplicateJobError(line.key, other.id, other.state);
    replaces = other.id;
  }
  const runAt = whenToRun(draft, time.wallMs);
  const { id, ...rest } = line;
  const decided = { ...(runAt !== undefined && { runAt }), ...(replaces !== undefined && { replaces }) };
  return { id, at: time.at, ...rest, ...decided };
}

function holderOfKey({ state, time }: Decisions, { key }: JobDraft["line"]): Entry | undefined {
  const entry = key === undefined ? undefined : state.keys.get(key);
  if (entry === undefined || entry.isLive) return entry;
  const { windowMs } = entry.line;
  const taken = windowMs !== undefined && Date.parse(entry.line.at) + windowMs > time.wallMs;
  return taken && entry.state !== "replaced" ? entry : undefined;
}

function whenToRun({ line, dedupe, runAt, delayMs }: JobDraft, nowMs: number): string | undefined {
  if (runAt !== undefined) return runAt;
  const ms = delayMs ?? (dedupe === "debounce" ? line.windowMs : undefined) ?? 0;
  return ms > 0 ? new Date(nowMs + ms).toISOString() : undefined;
}
