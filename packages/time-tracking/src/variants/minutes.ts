import { isObject } from "../arguments.ts";
import type { Timer } from "../time/entry.ts";
import { timerExtras } from "./extras.ts";
import { readDuration, readInstant, secondsText } from "./native-time.ts";
import { extrasKey, type FoundTimer, type Json, type NativeTimer, type Shape } from "./shape.ts";
import { listedTimers, putListed, removeListed } from "./timer-list.ts";

const minuteMs = 60_000;

/**
 * `{sessions: [{session_id, issue_id, start_time, duration_minutes, type}], current_session}`: what the status line reads. It shows
 * one running timer; the others stand under our own key.
 */
export const minutes: Shape = {
  name: "minutes",
  tolerance: { instantMs: 999, endMs: 31_000, durationMs: 30_000 },
  visit(file, visitor) {
    const list = file["sessions"];
    if (Array.isArray(list)) for (let at = 0; at < list.length; at += 1) visitor(list[at], undefined, at);
  },
  mayEndAfter(record, atMs) {
    const startedAtMs = readInstant(record["start_time"]);
    const lengthMs = readDuration(record["duration_minutes"], minuteMs);
    return startedAtMs === undefined || startedAtMs + (lengthMs ?? 0) + 32_000 > atMs;
  },
  read(record) {
    const startedAtMs = readInstant(record["start_time"]);
    const statedMs = readDuration(record["duration_minutes"], minuteMs);
    const taskId = idOf(record["issue_id"]);
    if (startedAtMs === undefined || statedMs === undefined || taskId === undefined)
      return "its issue, start or duration cannot be read";
    const sessionId = idOf(record["session_id"]);
    return { taskId, sessionId, startedAtMs, endedAtMs: startedAtMs + statedMs };
  },
  write: ({ sessionId, id, taskId, startedAtMs, endedAtMs }) => ({
    session_id: sessionId ?? id,
    issue_id: taskId,
    start_time: secondsText(startedAtMs),
    duration_minutes: Math.round((endedAtMs - startedAtMs) / minuteMs),
    type: "work",
  }),
  listOf: (draft) => (draft["sessions"] ??= []) as unknown[],
  timers(file) {
    const native = slotTimer(file["current_session"]);
    const shown: FoundTimer[] =
      native === undefined ? [] : [{ native, record: file["current_session"] as Json }];
    return [...shown, ...listedTimers(file)];
  },
  putTimer(draft, timer) {
    const slot = draft["current_session"];
    const inSlot = isActive(slot) && idInSlot(slot) === timer.id;
    removeListed(draft, timer.id);
    if (timer.state === "running" && (inSlot || !isActive(slot)))
      draft["current_session"] = { ...(isObject(slot) && inSlot ? slot : {}), ...slotOf(timer) };
    else {
      if (inSlot) empty(slot);
      putListed(draft, timer);
    }
  },
  removeTimer(draft, { id }) {
    removeListed(draft, id);
    const slot = draft["current_session"];
    if (isActive(slot) && idInSlot(slot) === id) empty(slot);
    return undefined;
  },
  touch(draft) {
    if (isActive(draft["current_session"])) return;
    const next = listedTimers(draft).find(({ native }) => native.state === "running");
    if (next === undefined) return;
    const timer = { ...(next.record?.[extrasKey] as Timer) };
    removeListed(draft, timer.id);
    draft["current_session"] = slotOf(timer);
  },
};

/** A number or a text: issues are named by both. */
export function idOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isActive(slot: unknown): slot is Json {
  return isObject(slot) && slot["is_active"] !== false;
}

function empty(slot: Json): void {
  slot["is_active"] = false;
  delete slot[extrasKey];
}

function slotTimer(slot: unknown): NativeTimer | undefined {
  if (!isActive(slot)) return undefined;
  const startedAtMs = readInstant(slot["start_time"]);
  const taskId = idOf(slot["issue_id"]);
  if (startedAtMs === undefined || taskId === undefined) return undefined;
  return { taskId, startedAtMs, sessionId: idOf(slot["session_id"]), state: "running" };
}

function slotOf(timer: Timer): Json {
  const { sessionId, id, taskId, startedAtMs, heartbeatAtMs } = timer;
  const record = {
    session_id: sessionId ?? id,
    issue_id: taskId,
    start_time: secondsText(startedAtMs),
    elapsed_minutes: Math.max(0, Math.floor((heartbeatAtMs - startedAtMs) / minuteMs)),
    is_active: true,
  };
  return { ...record, [extrasKey]: timerExtras(timer, slotTimer(record) as NativeTimer) };
}

function idInSlot(slot: Json): string | undefined {
  const id = (slot[extrasKey] as Json | undefined)?.["id"];
  const native = slotTimer(slot);
  return typeof id === "string" ? id : native && `${native.taskId}@${native.startedAtMs}`;
}
