import { isInstantMs, isObject } from "../arguments.ts";
import type { Timer } from "../time/entry.ts";
import { timerExtras } from "./extras.ts";
import { idOf } from "./minutes.ts";
import { mayBeAfter, readDuration, readInstant } from "./native-time.ts";
import { extrasKey, type Json, type NativeTimer, type Shape } from "./shape.ts";
import { listedTimers, putListed, removeListed } from "./timer-list.ts";

/**
 * `{sessions: [{sessionId, taskId, startTime, endTime, totalDuration, billableTime, billable}]}`, durations in milliseconds: the
 * cache of FlowForge's provider. A session without an end runs; paused timers stand under our own key.
 */
export const milliseconds: Shape = {
  name: "milliseconds",
  tolerance: { instantMs: 0, endMs: 0, durationMs: 0 },
  visit(file, visitor) {
    const list = file["sessions"];
    if (!Array.isArray(list)) return;
    for (let at = 0; at < list.length; at += 1) if (!isOpen(list[at])) visitor(list[at], undefined, at);
  },
  mayEndAfter: (record, atMs) => mayBeAfter(record["endTime"], atMs),
  read(record) {
    const [startedAtMs, endedAtMs] = [instantOf(record["startTime"]), instantOf(record["endTime"])];
    const taskId = idOf(record["taskId"]);
    if (startedAtMs === undefined || endedAtMs === undefined || taskId === undefined)
      return "its task, start or end cannot be read";
    const statedMs = readDuration(record["totalDuration"], 1);
    const billable = typeof record["billable"] === "boolean" ? record["billable"] : undefined;
    return { taskId, sessionId: idOf(record["sessionId"]), startedAtMs, endedAtMs, statedMs, billable };
  },
  write: ({ sessionId, id, taskId, startedAtMs, endedAtMs, workedMs, billable }) => ({
    sessionId: sessionId ?? id,
    taskId,
    startTime: new Date(startedAtMs).toISOString(),
    endTime: new Date(endedAtMs).toISOString(),
    totalDuration: workedMs,
    billableTime: billable ? workedMs : 0,
    billable,
  }),
  listOf: (draft) => (draft["sessions"] ??= []) as unknown[],
  timers(file) {
    const open = openSessions(file).flatMap((record) => {
      const native = openTimer(record);
      return native === undefined ? [] : [{ native, record }];
    });
    return [...open, ...listedTimers(file)];
  },
  putTimer(draft, timer) {
    removeListed(draft, timer.id);
    const open = openSessions(draft).find((record) => idInSlot(record) === timer.id);
    if (timer.state === "running") {
      if (open === undefined) (draft["sessions"] as unknown[]).push(slotOf(timer));
      else Object.assign(open, slotOf(timer));
      return;
    }
    if (open !== undefined) takeOut(draft, timer.id);
    putListed(draft, timer);
  },
  removeTimer(draft, { id }) {
    removeListed(draft, id);
    return takeOut(draft, id);
  },
  touch() {},
};

/** Milliseconds since 1970, or a text. */
function instantOf(value: unknown): number | undefined {
  if (typeof value !== "number" || value <= 1e11) return readInstant(value);
  const ms = Math.round(value);
  return isInstantMs(ms) ? ms : undefined;
}

function isOpen(record: unknown): record is Json {
  return isObject(record) && (record["endTime"] === null || record["endTime"] === undefined);
}

function openSessions(file: Json): Json[] {
  return Array.isArray(file["sessions"]) ? file["sessions"].filter(isOpen) : [];
}

function openTimer(record: Json): NativeTimer | undefined {
  const startedAtMs = instantOf(record["startTime"]);
  const taskId = idOf(record["taskId"]);
  if (startedAtMs === undefined || taskId === undefined) return undefined;
  const billable = typeof record["billable"] === "boolean" ? record["billable"] : undefined;
  return { taskId, startedAtMs, sessionId: idOf(record["sessionId"]), billable, state: "running" };
}

function slotOf(timer: Timer): Json {
  const { sessionId, id, taskId, startedAtMs, billable } = timer;
  const startTime = new Date(startedAtMs).toISOString();
  const done = { endTime: null, totalDuration: 0, billableTime: 0, billable };
  const record: Json = { sessionId: sessionId ?? id, taskId, startTime, ...done };
  return { ...record, [extrasKey]: timerExtras(timer, openTimer(record) as NativeTimer) };
}

function idInSlot(record: Json): string | undefined {
  const id = (record[extrasKey] as Json | undefined)?.["id"];
  const native = openTimer(record);
  return typeof id === "string" ? id : native && `${native.taskId}@${native.startedAtMs}`;
}

function takeOut(draft: Json, id: string): Json | undefined {
  const list = draft["sessions"] as unknown[];
  const at = list.findIndex((record) => isOpen(record) && idInSlot(record) === id);
  if (at === -1) return undefined;
  const { ...record } = list[at] as Json;
  list.splice(at, 1);
  return record;
}
