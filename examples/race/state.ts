/** The JSON file that every process reads, changes and writes back. */
export interface State {
  version: number;
  updatedAt: string;
  /** What each worker did to the file, by its number. Only the worker itself changes its own entry. */
  workers: Record<string, WorkerState>;
  /** A status board of issues, to give the file the size of a real one. */
  issues: Record<string, { status: string; worker: string; updates: number }>;
}

export interface WorkerState {
  /** Grows by one with every update. An update that is lost leaves it behind. */
  updates: number;
  lastSequence: number;
}

const statuses = ["open", "in_progress", "blocked", "closed"];

export function makeState(processes: number, issueIds: readonly string[]): State {
  const state: State = { version: 1, updatedAt: new Date(0).toISOString(), workers: {}, issues: {} };
  for (let worker = 0; worker < processes; worker += 1)
    state.workers[worker] = { updates: 0, lastSequence: 0 };
  for (const id of issueIds.slice(0, 40)) state.issues[id] = { status: "open", worker: "", updates: 0 };
  return state;
}

/** One worker's update: one more for its own counter, and one issue moved on. */
export function applyUpdate(state: State, worker: number, sequence: number): void {
  const own = (state.workers[worker] ??= { updates: 0, lastSequence: 0 });
  own.updates += 1;
  own.lastSequence = sequence;
  const ids = Object.keys(state.issues);
  const issue = state.issues[ids[sequence % Math.max(ids.length, 1)] ?? ""];
  if (issue !== undefined) {
    issue.status = statuses[sequence % statuses.length] ?? "open";
    issue.worker = `worker-${worker}`;
    issue.updates += 1;
  }
  state.updatedAt = new Date().toISOString();
}
