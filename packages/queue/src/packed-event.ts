/**
 * Events as they are stored. What happens most often — claims, their extensions, completions without a result — is written once
 * for all jobs it happens to in one hold of the lock: a line that names them all, instead of a line for each.
 */
import type { Claimed, Completed, Extended, QueueEvent } from "./event.ts";

/** One event of several jobs: with a list of jobs and one of tokens, in one order. */
type Packed<
  Event extends { readonly job: string; readonly token: string },
  Also extends string = never,
> = Omit<Event, "job" | "token" | Also> & {
  readonly jobs: readonly string[];
  readonly tokens: readonly string[];
};

/** What several jobs share in one line. */
export type PackedEvent = Packed<Claimed> | Packed<Extended> | Packed<Completed, "result">;

/** One line of `events.jsonl`. */
export type StoredEvent = QueueEvent | PackedEvent;

/** Whether a line tells one event of several jobs. Lists mean nothing in an event of another type. */
export function isPacked(stored: StoredEvent): stored is PackedEvent {
  if (stored.type !== "claimed" && stored.type !== "extended" && stored.type !== "completed") return false;
  const { jobs, tokens } = stored as { readonly jobs?: unknown; readonly tokens?: unknown };
  return Array.isArray(jobs) && Array.isArray(tokens);
}

/** Calls `take` with each event of a line. */
export function unpack(stored: StoredEvent, take: (event: QueueEvent) => void): void {
  if (!isPacked(stored)) return take(stored);
  const { jobs, tokens, ...shared } = stored;
  for (let index = 0; index < jobs.length; index += 1)
    take({ ...shared, job: jobs[index] ?? "", token: tokens[index] ?? "" } as QueueEvent);
}

/** A line with only some of its jobs; undefined when none is left, the line itself when all are. */
export function keepJobs(
  stored: PackedEvent,
  keep: (job: string, token: string) => boolean,
): PackedEvent | undefined {
  const { jobs, tokens } = stored;
  const kept = jobs.map((job, index) => keep(job, tokens[index] ?? ""));
  if (kept.every(Boolean)) return stored;
  if (!kept.some(Boolean)) return undefined;
  const pick = (list: readonly string[]): string[] => list.filter((_, index) => kept[index]);
  return { ...stored, jobs: pick(jobs), tokens: pick(tokens) };
}

/** A line that may still get more jobs. */
type OpenLine = PackedEvent & { readonly jobs: string[]; readonly tokens: string[] };

/**
 * Gathers the events of one hold of the lock into lines. The order of the events of one job is kept, and a claim never comes
 * before the completion that made way for it: the next of a group, of a key, of a dependency.
 */
export class EventPacker {
  readonly #append: (line: StoredEvent) => void;
  readonly #open = new Map<string, OpenLine>();
  readonly #jobs = new Set<string>();

  /** @param append - Throws when a line may not be stored; then it has no effect. */
  constructor(append: (line: StoredEvent) => void) {
    this.#append = append;
  }

  /** Adds an event. Throws what `append` throws; then nothing of it was added. */
  add(event: QueueEvent): void {
    if (!("job" in event) || this.#jobs.has(event.job)) this.flush();
    const kind = kindOf(event);
    if (kind === undefined) return this.#append(event);
    const { job, token, ...shared } = event as Claimed | Extended | Completed;
    let line = this.#open.get(kind);
    if (line === undefined) {
      line = { ...shared, jobs: [], tokens: [] } as unknown as OpenLine;
      this.#open.set(kind, line);
    }
    this.#jobs.add(job);
    line.jobs.push(job);
    line.tokens.push(token);
  }

  /** Ends the lines that are open. */
  flush(): void {
    const lines = [...this.#open.values()];
    // A line takes in later events than the one it was begun with: completions go first, since claims may build on them.
    for (const line of lines) if (line.type === "completed") this.#append(line);
    for (const line of lines) if (line.type !== "completed") this.#append(line);
    this.#open.clear();
    this.#jobs.clear();
  }
}

/** Events of one kind share a line; undefined for one that has a line of its own. */
function kindOf(event: QueueEvent): string | undefined {
  if (event.type === "claimed" || event.type === "extended") return `${event.type} ${event.leaseMs}`;
  return event.type === "completed" && event.result === undefined ? "completed" : undefined;
}
