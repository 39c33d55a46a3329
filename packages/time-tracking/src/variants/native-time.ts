/** How the variants spell instants and durations. */
import { isInstantMs, isObject, parseInstant } from "../arguments.ts";

/** A text without a zone is UTC: FlowForge's scripts mean that. A number is Unix seconds, with or without a fraction. */
export function readInstant(value: unknown): number | undefined {
  if (typeof value === "number") {
    const ms = Math.round(value * 1_000);
    return isInstantMs(ms) ? ms : undefined;
  }
  if (typeof value !== "string") return undefined;
  const ms = parseInstant(value) ?? parseInstant(`${value.replace(" ", "T")}Z`);
  return isInstantMs(ms) ? ms : undefined;
}

/** `2026-03-01T09:00:00Z`: what `jq` can read. The milliseconds stand beside it. */
export function secondsText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A duration in some unit, as whole milliseconds. */
export function readDuration(value: unknown, unitMs: number): number | undefined {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return undefined;
  const ms = Math.round(value * unitMs);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** How many sessions a list holds, and what they state in sum, in their unit. What is no duration adds nothing. */
export function statedIn(
  sessions: unknown,
  unitMs: number,
): { readonly count: number; readonly total: number } {
  const list = Array.isArray(sessions) ? sessions.filter(isObject) : [];
  const stated = list.map(({ duration }) =>
    readDuration(duration, unitMs) === undefined ? 0 : Number(duration),
  );
  return { count: list.length, total: stated.reduce((sum, each) => sum + each, 0) };
}

/** Hours with two decimals. */
export function hoursOf(ms: number): number {
  return Math.round(ms / 36_000) / 100;
}

const utcText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
let lastMs = Number.NaN;
let lastText = "";

/** Whether an instant lies after another; in doubt, yes. Texts in UTC are compared as texts: 50 000 of them cost nothing. */
export function mayBeAfter(value: unknown, atMs: number): boolean {
  if (typeof value === "string" && (isWholeSecond(value) || utcText.test(value))) {
    if (atMs !== lastMs) [lastMs, lastText] = [atMs, new Date(atMs).toISOString().slice(0, 19)];
    // A text of which the other is the beginning comes after it.
    return value >= lastText;
  }
  const ms = readInstant(value);
  return ms === undefined || ms + 1_000 > atMs;
}

/** Of this length, and with these letters, an instant can be nothing but `2026-03-01T09:00:00Z`. */
function isWholeSecond(text: string): boolean {
  return text.length === 20 && text.charCodeAt(10) === 0x54 && text.charCodeAt(19) === 0x5a;
}
