/** Every part within a given time, an hour on two cores: three at a time, each with its share. */
import { Tally } from "./harness/tally.ts";
import { runApart } from "./run-apart.ts";
import { parts } from "./run-part.ts";

interface Share {
  readonly name: string;
  /** Of the minutes of its lane. What a part leaves over, or takes beyond, is that of those that follow. */
  readonly weight: number;
  /** Its long form, once: it ends by itself about then, or goes on until its time is up. Otherwise its short form again and again, with the next seed. */
  readonly long?: boolean;
}

/** Those that end by themselves first, so that the others share what is left. */
const lanes: readonly (readonly Share[])[] = [
  // Many processes at once.
  [
    { name: "planted", weight: 12, long: true },
    { name: "crash", weight: 16 },
    { name: "interop", weight: 5 },
    { name: "faults", weight: 5 },
    { name: "storm", weight: 8 },
    { name: "beads", weight: 1 },
    { name: "tasks", weight: 1.5 },
    { name: "time", weight: 1.5 },
    { name: "queue", weight: 2 },
    { name: "histories", weight: 4 },
    { name: "checker", weight: 2 },
  ],
  // Few.
  [
    { name: "data", weight: 0.3 },
    { name: "environments", weight: 1 },
    { name: "hostile", weight: 3, long: true },
    { name: "determinism", weight: 3, long: true },
    { name: "fuzz", weight: 30, long: true },
    { name: "takeover", weight: 3, long: true },
    { name: "deadlock", weight: 1.5, long: true },
    { name: "states", weight: 10, long: true },
    { name: "conformance", weight: 3 },
  ],
  // Those that wait most of their time.
  [
    { name: "power", weight: 24, long: true },
    { name: "pause", weight: 11, long: true },
    { name: "soak", weight: 5, long: true },
    { name: "registry", weight: 6 },
    { name: "counter", weight: 4 },
    { name: "clock", weight: 3 },
  ],
];

/** Of the time, what is shared: the rest is for those that take longer than they thought. */
const shared = 0.94;

export interface HourOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly print: (text: string) => void;
}

/** Runs every part of the proof; each ends in its line. What is not over when the time is has failed. */
export async function runHour({ minutes, seed, print }: HourOptions): Promise<Tally> {
  const shares = new Set(lanes.flat().map(({ name }) => name));
  const missing = [...parts.keys()].filter((name) => !shares.has(name));
  if (missing.length > 0) throw new RangeError(`no share of the time for ${missing.join(", ")}`);
  const total = new Tally();
  const begunAt = performance.now();
  const deadline = begunAt + minutes * 60_000;
  const sharedUntil = begunAt + minutes * 60_000 * shared;
  await Promise.all(
    lanes.map(async (lane) => {
      let weights = lane.reduce((sum, { weight }) => sum + weight, 0);
      for (const { name, weight, long = false } of lane) {
        const left = Math.max(0, sharedUntil - performance.now()) / 60_000;
        const say = (text: string): void => {
          if (/^(FAILED|SKIPPED)/.test(text)) print(`  ${name}: ${text}`);
        };
        const share = (left * weight) / weights;
        const { tally, line } = await runApart({ name, long, minutes: share, seed, deadline, say });
        weights -= weight;
        print(line);
        total.absorb(tally);
      }
    }),
  );
  print(`${((performance.now() - begunAt) / 60_000).toFixed(1)} of ${minutes} min`);
  return total;
}
