import type { Instant } from "./issue.ts";

/** Date, time, fraction and offset of RFC 3339. */
const pattern = /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Nanoseconds since 1970, exactly; undefined for text that is no instant. */
export function instantToNs(text: unknown): bigint | undefined {
  if (typeof text !== "string" || text.length > 64) return undefined;
  const [, date, time, fraction = "", offset] = pattern.exec(text) ?? [];
  if (date === undefined) return undefined;
  const ms = Date.parse(`${date}T${time}${offset === "z" ? "Z" : offset}`);
  if (Number.isNaN(ms)) return undefined;
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
}

/** Less than 0, 0 or more than 0, as the first is earlier, the same or later. What is no instant comes before all others. */
export function compareInstants(first: Instant | undefined, second: Instant | undefined): number {
  if (first === second) return 0;
  const [a, b] = [instantToNs(first) ?? -(2n ** 63n), instantToNs(second) ?? -(2n ** 63n)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Milliseconds since 1970, rounded down, for sorting and windows; -Infinity for what is no instant. */
export function instantToMs(text: unknown): number {
  if (typeof text !== "string") return -Infinity;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  const ns = instantToNs(text);
  return ns === undefined ? -Infinity : Number(ns / 1_000_000n);
}

/** Now, or a nanosecond after `previous` where the clock is not past it: an instant that other tools take for newer. */
export function instantAfter(previous: Instant | undefined, nowMs: number): Instant {
  const now = BigInt(Math.floor(nowMs)) * 1_000_000n;
  const before = instantToNs(previous);
  return nsToInstant(before === undefined || now > before ? now : before + 1n);
}

/** In UTC, trailing zeros of the fraction left out, as Go writes it. */
function nsToInstant(ns: bigint): Instant {
  const second = 1_000_000_000n;
  const fraction = ((ns % second) + second) % second;
  const whole = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  const digits = String(fraction).padStart(9, "0").replace(/0+$/, "");
  return `${whole}${digits === "" ? "" : `.${digits}`}Z`;
}
