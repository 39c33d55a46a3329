import { isObject } from "../arguments.ts";
import { mayBeAfter, readDuration, readInstant, statedIn } from "./native-time.ts";
import { ownOr, type Json, type Shape } from "./shape.ts";
import { listedTimers, putListed, removeListed } from "./timer-list.ts";

interface SecondsTask {
  total_seconds: number;
  last_updated: string;
  sessions: Json[];
}

/**
 * `{sessions: {<task>: {total_seconds, last_updated, sessions: [{start, end, duration}]}}}`, durations in whole seconds: what the
 * ETA provider writes. It has no place for timers, so they stand under our own key.
 */
export const seconds: Shape = {
  name: "seconds",
  tolerance: { instantMs: 0, endMs: 0, durationMs: 1_000 },
  visit(file, visitor) {
    const tasks = file["sessions"] as Json;
    for (const taskId of Object.keys(tasks)) {
      const list = (tasks[taskId] as SecondsTask | null)?.sessions;
      if (Array.isArray(list)) for (let at = 0; at < list.length; at += 1) visitor(list[at], taskId, at);
    }
  },
  mayEndAfter: (record, atMs) => mayBeAfter(record["end"], atMs),
  read(record, taskId) {
    const startedAtMs = readInstant(record["start"]);
    const endedAtMs = readInstant(record["end"]);
    if (taskId === undefined || startedAtMs === undefined || endedAtMs === undefined)
      return "its start or end is no instant";
    return { taskId, startedAtMs, endedAtMs, statedMs: readDuration(record["duration"], 1_000) };
  },
  write: ({ startedAtMs, endedAtMs, workedMs }) => ({
    start: new Date(startedAtMs).toISOString(),
    end: new Date(endedAtMs).toISOString(),
    duration: Math.floor(workedMs / 1_000),
  }),
  listOf(draft, taskId) {
    const tasks = draft["sessions"] as Record<string, SecondsTask>;
    const task = ownOr(tasks, taskId, () => ({ total_seconds: 0, last_updated: "", sessions: [] }));
    return (task.sessions ??= []);
  },
  timers: (file) => listedTimers(file),
  putTimer: putListed,
  removeTimer(draft, { id }) {
    removeListed(draft, id);
    return undefined;
  },
  touch(draft, taskId, { atMs, timer }) {
    const tasks = draft["sessions"] as Record<string, SecondsTask>;
    const task = Object.hasOwn(tasks, taskId) ? tasks[taskId] : undefined;
    if (task === undefined || !isObject(task) || timer === "running") return;
    task.total_seconds = statedIn(task.sessions, 1_000).total;
    task.last_updated = new Date(atMs).toISOString();
  },
};
