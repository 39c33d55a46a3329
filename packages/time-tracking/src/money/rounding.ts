import { checkWhole, checkWord, isObject } from "../arguments.ts";

/** How durations are rounded, once, when an invoice is made. */
export interface Rounding {
  readonly direction: "none" | "up" | "down" | "nearest";
  /** Whole minutes that durations are multiples of afterwards. Default 1. */
  readonly incrementMinutes?: number | undefined;
  /** The least that is billed, in minutes, where anything is billed at all. Default 0. */
  readonly minimumMinutes?: number | undefined;
  /** What is rounded: the total of the `"invoice"` (default), or each `"line"`. */
  readonly scope?: "invoice" | "line" | undefined;
}

const minuteMs = 60_000;

/** @throws {TypeError | RangeError} naming what is wrong. */
export function checkRounding(value: unknown): Required<{ [K in keyof Rounding]: NonNullable<Rounding[K]> }> {
  const given = value === undefined ? {} : value;
  if (!isObject(given)) throw new TypeError("rounding must be an object");
  return {
    direction:
      checkWord("rounding.direction", given["direction"], ["none", "up", "down", "nearest"]) ?? "none",
    incrementMinutes: checkWhole("rounding.incrementMinutes", given["incrementMinutes"] ?? 1, 1),
    minimumMinutes: checkWhole("rounding.minimumMinutes", given["minimumMinutes"] ?? 0),
    scope: checkWord("rounding.scope", given["scope"], ["invoice", "line"]) ?? "invoice",
  };
}

/** The same test, for what stands in a file: there its direction is told. */
export function isRounding(value: unknown): value is Rounding {
  if (!isObject(value) || value["direction"] === undefined) return false;
  try {
    checkRounding(value);
    return true;
  } catch {
    return false;
  }
}

/** Rounds a duration. Zero stays zero. */
export function roundDuration(ms: number, rounding: Rounding): number {
  if (ms <= 0) return 0;
  const { direction, incrementMinutes = 1, minimumMinutes = 0 } = rounding;
  const stepMs = incrementMinutes * minuteMs;
  const least = Math.max(ms, minimumMinutes * minuteMs);
  if (direction === "none") return least;
  if (direction === "down") return Math.max(Math.floor(ms / stepMs) * stepMs, minimumMinutes * minuteMs);
  if (direction === "up") return Math.ceil(least / stepMs) * stepMs;
  return Math.max(Math.floor(ms / stepMs + 0.5) * stepMs, minimumMinutes * minuteMs);
}
