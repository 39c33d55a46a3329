/**
 * Preload: a wall clock that jumps. Every tenth look at it, or so, puts it somewhere else, in whichever call that is, and lets it
 * run at half, single or double speed from there. Monotonic clocks go on as they are. `FLOCKWORK_PROOF_CLOCK` is the seed.
 */
import { Random } from "../harness/random.ts";

const random = new Random(Number(process.env["FLOCKWORK_PROOF_CLOCK"] ?? "0"));
const RealDate = Date;
const hourMs = 3_600_000;
const yearMs = 365 * 24 * hourMs;

/** Where it goes: beside the time there is, past the end of 32 bits, into a leap day, into a leap second. */
const places: readonly ((realMs: number) => number)[] = [
  (realMs) => realMs - 10 * yearMs,
  (realMs) => realMs - hourMs,
  (realMs) => realMs,
  (realMs) => realMs + hourMs,
  (realMs) => realMs + 10 * yearMs,
  () => RealDate.parse("2038-01-19T03:14:06.500Z"),
  () => RealDate.parse("2028-02-28T23:59:59.500Z"),
  () => RealDate.parse("2016-12-31T23:59:59.500Z"),
];

/** From when on it runs, and how fast. */
let realFromMs = RealDate.now();
let shownFromMs = realFromMs;
let rate = 1;

/** How often it jumped. */
export const jumped: { times: number } = { times: 0 };

export function jump(): void {
  realFromMs = RealDate.now();
  shownFromMs = random.pick(places)(realFromMs);
  rate = random.pick([0.5, 1, 2]);
  jumped.times += 1;
}

function now(): number {
  const realMs = RealDate.now();
  if (random.next() < 0.1) jump();
  return Math.floor(shownFromMs + (realMs - realFromMs) * rate);
}

class JumpingDate extends RealDate {
  constructor(...parts: readonly unknown[]) {
    if (parts.length === 0) super(now());
    else super(...(parts as [number]));
  }

  static override now(): number {
    return now();
  }
}

globalThis.Date = JumpingDate as DateConstructor;
