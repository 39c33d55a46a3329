/** How a figure is written: three digits that count, its unit, and how far its rounds lie apart. */
import type { Unit } from "./row.ts";

/** Three digits that count. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}

/** `12.3 us`; an index has no unit. */
export function withUnit(value: number, unit: Unit): string {
  return unit === "index" ? figure(value) : `${figure(value)} ${unit}`;
}

/** `12.3 us (5 %)`; without a unit where the head of its column has that. */
export function withSpread(value: number, spread: number | null, unit: Unit = "index"): string {
  return `${withUnit(value, unit)} (${spread === null ? "-" : `${Math.round(spread * 100)} %`})`;
}
