import { sameJson } from "./merge/json-value.ts";
import type { IssueView } from "./issue-view.ts";
import type { Issue } from "./issue.ts";

/** How issues are watched. */
export interface WatchIssuesOptions {
  /** Ends the watch, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** One issue became another. */
export interface IssueEvent {
  readonly id: string;
  /** What it is now; undefined where its line was taken out. */
  readonly issue: Issue | undefined;
  /** What it was when it was last told of; undefined for a new one. */
  readonly previous: Issue | undefined;
}

/** Tells of each change of an issue. @param log - One that nobody else reads from. */
export async function* watchIssues(
  log: IssueView,
  { signal }: WatchIssuesOptions,
): AsyncGenerator<IssueEvent, void, undefined> {
  const stop = new AbortController();
  const ended = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal]);
  const { issues } = await log.refresh();
  let known: ReadonlyMap<string, Issue> = new Map(issues);
  const bell = new Bell();
  const following = follow(log, bell, ended);
  try {
    for (;;) {
      const { version } = log.state;
      await log.refresh();
      if (log.state.version !== version || log.state.issues.size !== known.size) {
        const events = differences(known, log.state.issues);
        known = new Map(log.state.issues);
        for (const event of events) {
          if (ended.aborted) return;
          yield event;
        }
        continue;
      }
      if (ended.aborted) return;
      await bell.rung();
    }
  } finally {
    stop.abort();
    await following;
  }
}

/** Rings when something was appended or the log was rewritten. Reading it is somebody else's: damage is met there. */
async function follow(log: IssueView, bell: Bell, signal: AbortSignal): Promise<void> {
  signal.addEventListener("abort", () => bell.ring(), { once: true });
  try {
    const entries = log.log.follow({ signal, onReset: () => bell.ring() });
    for await (const _ of entries) bell.ring();
  } catch {
    // The next refresh of the watch throws it.
  } finally {
    bell.ring();
  }
}

class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async rung(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    this.#rung = false;
  }
}

function differences(
  before: ReadonlyMap<string, Issue>,
  after: ReadonlyMap<string, Issue>,
): readonly IssueEvent[] {
  const events: IssueEvent[] = [];
  for (const [id, issue] of after) {
    const previous = before.get(id);
    if (previous !== issue && !sameJson(previous, issue)) events.push({ id, issue, previous });
  }
  for (const [id, previous] of before) if (!after.has(id)) events.push({ id, issue: undefined, previous });
  return events;
}
