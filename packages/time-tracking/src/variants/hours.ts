import { isObject, isReserved } from "../arguments.ts";
import type { TimeEntry, Timer } from "../time/entry.ts";
import { timerExtras } from "./extras.ts";
import { hoursOf, mayBeAfter, readDuration, readInstant, secondsText, statedIn } from "./native-time.ts";
import { NoPlaceError } from "./no-place.ts";
import { extrasKey, ownOr, type FoundTimer, type Json, type Native, type Shape } from "./shape.ts";
import { listedTimers, putListed, removeListed } from "./timer-list.ts";

interface HoursTask extends Json {
  status: string;
  current_session: Json | null;
  sessions: Json[];
  completed_at?: string;
  total_hours?: number;
  metrics?: Json;
}

/**
 * `{<task>: {status, current_session, sessions: [{start, user, instance_id, end, duration, reason?}]}}`, durations in hours with
 * two decimals: what `task-time.sh` writes. A task has room for one timer; those of others stand under our own key in the task.
 */
function hoursShape(name: "hours" | "hours-unix"): Shape {
  const spell = name === "hours" ? secondsText : (ms: number): number => Math.floor(ms / 1_000);
  return {
    name,
    tolerance: { instantMs: 999, endMs: 999, durationMs: 19_000 },
    visit(file, visitor) {
      for (const taskId of Object.keys(file)) {
        const list = (file[taskId] as HoursTask | null)?.sessions;
        if (Array.isArray(list)) for (let at = 0; at < list.length; at += 1) visitor(list[at], taskId, at);
      }
    },
    mayEndAfter: (record, atMs) => mayBeAfter(record["end"], atMs),
    read: readHours,
    write: (entry) => writeHours(entry, spell),
    listOf: (draft, taskId) => (taskOf(draft, taskId).sessions ??= []),
    timers: timersOf,
    putTimer: (draft, timer) => putTimer(draft, timer, spell),
    removeTimer,
    touch: (draft, taskId, { atMs, timer }) => {
      const task = taskOf(draft, taskId);
      promote(task, taskId, spell);
      if (timer === undefined) return;
      task.status = statusOf(task, taskId, timer);
      if (task.status === "closed") close(task, atMs);
    },
  };
}

export const hours: Shape = hoursShape("hours");
export const hoursUnix: Shape = hoursShape("hours-unix");

/** @throws {NoPlaceError} a new one of that name would make another file of it. */
function taskOf(draft: Json, taskId: string): HoursTask {
  if (isReserved(taskId) && !Object.hasOwn(draft, taskId))
    throw new NoPlaceError(`a task cannot be called ${taskId} there`);
  return ownOr<unknown>(draft, taskId, () => ({
    status: "closed",
    current_session: null,
    sessions: [],
  })) as HoursTask;
}

function readHours(record: Json, taskId: string | undefined): Native | string {
  const startedAtMs = readInstant(record["start"]);
  const endedAtMs = readInstant(record["end"]);
  if (taskId === undefined || startedAtMs === undefined || endedAtMs === undefined)
    return "its start or end is no instant";
  return {
    taskId,
    startedAtMs,
    endedAtMs,
    actorId: textOf(record["user"]),
    instanceId: textOf(record["instance_id"]),
    reason: textOf(record["reason"]),
    statedMs: readDuration(record["duration"], 3_600_000),
  };
}

function writeHours(entry: TimeEntry, spell: (ms: number) => unknown): Json {
  const { startedAtMs, endedAtMs, workedMs, actorId, instanceId = "", reason } = entry;
  const record = { start: spell(startedAtMs), user: actorId, instance_id: instanceId };
  const done = { ...record, end: spell(endedAtMs), duration: hoursOf(workedMs) };
  return reason === undefined ? done : { ...done, reason };
}

function timersOf(file: Json): FoundTimer[] {
  const found: FoundTimer[] = [];
  for (const taskId of Object.keys(file)) {
    const task = file[taskId] as HoursTask;
    if (!isObject(task)) continue;
    const native = nativeTimer(task.current_session, taskId);
    const listed = listedTimers(task, taskId);
    if (native !== undefined) found.push({ native, record: task.current_session as Json });
    found.push(...listed);
    if (native === undefined && listed.length === 0 && task.status === "paused")
      found.push(...pausedOf(task, taskId));
  }
  return found;
}

function nativeTimer(session: unknown, taskId: string): FoundTimer["native"] | undefined {
  if (!isObject(session)) return undefined;
  const startedAtMs = readInstant(session["start"]);
  if (startedAtMs === undefined) return undefined;
  const [actorId, instanceId] = [textOf(session["user"]), textOf(session["instance_id"])];
  return { taskId, startedAtMs, actorId, instanceId, state: "running" };
}

/** A task that another program paused: its last session tells whose timer that was. */
function pausedOf(task: HoursTask, taskId: string): FoundTimer[] {
  const last: unknown = task.sessions?.at(-1);
  const native = isObject(last) ? readHours(last as Json, taskId) : "";
  if (typeof native === "string") return [];
  const { startedAtMs, endedAtMs, actorId, instanceId, reason } = native;
  const timer = { taskId, startedAtMs, pausedAtMs: endedAtMs, actorId, instanceId, reason };
  return [{ native: { ...timer, id: `${taskId}@paused`, state: "paused" }, record: undefined }];
}

function putTimer(draft: Json, timer: Timer, spell: (ms: number) => unknown): void {
  const task = taskOf(draft, timer.taskId);
  const inSlot = task.current_session !== null && idInSlot(task, timer.taskId) === timer.id;
  removeListed(task, timer.id);
  if (timer.state === "running" && (inSlot || !isObject(task.current_session))) {
    task.current_session = { ...task.current_session, ...slotOf(timer, spell) };
    return;
  }
  if (inSlot) task.current_session = null;
  putListed(task, timer);
}

function slotOf(timer: Timer, spell: (ms: number) => unknown): Json {
  const { startedAtMs, actorId, instanceId = "", taskId } = timer;
  const record: Json = { start: spell(startedAtMs), user: actorId, instance_id: instanceId };
  const native = nativeTimer(record, taskId);
  return { ...record, [extrasKey]: timerExtras(timer, native as FoundTimer["native"]) };
}

function removeTimer(draft: Json, { id, taskId }: Timer): Json | undefined {
  const task = taskOf(draft, taskId);
  removeListed(task, id);
  if (!isObject(task.current_session) || idInSlot(task, taskId) !== id) return undefined;
  const { ...record } = task.current_session;
  task.current_session = null;
  return record;
}

/** A timer of another program has no id of its own: it is named after its task and start. */
function idInSlot(task: HoursTask, taskId: string): string | undefined {
  const extras = task.current_session?.[extrasKey] as Json | undefined;
  const native = nativeTimer(task.current_session, taskId);
  return textOf(extras?.["id"]) ?? (native && `${taskId}@${native.startedAtMs}`);
}

/** Gives the task's one place to a timer that waits for it. */
function promote(task: HoursTask, taskId: string, spell: (ms: number) => unknown): void {
  if (isObject(task.current_session)) return;
  const next = listedTimers(task, taskId).find(({ native }) => native.state === "running");
  const timer = next?.record?.[extrasKey] as Timer | undefined;
  if (timer === undefined) return;
  const whole = { ...timer };
  removeListed(task, timer.id);
  task.current_session = slotOf(whole, spell);
}

function statusOf(task: HoursTask, taskId: string, timer: "running" | "paused" | "gone"): string {
  if (isObject(task.current_session)) return "active";
  if (timer === "paused" || timersOf({ [taskId]: { ...task, status: "" } }).length > 0) return "paused";
  return "closed";
}

/** As `task-time.sh stop` does. */
function close(task: HoursTask, atMs: number): void {
  const { count, total } = statedIn(task.sessions, 3_600_000);
  task.completed_at = secondsText(atMs);
  task.total_hours = Math.round(total * 100) / 100;
  task.metrics = {
    ...task.metrics,
    total_hours: task.total_hours,
    session_count: count,
    average_session: count === 0 ? 0 : Math.round((total / count) * 100) / 100,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
