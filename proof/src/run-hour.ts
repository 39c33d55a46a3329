/** Every part within a given time, an hour on two cores: several at a time, each with its share. */
import { Tally } from "./harness/tally.ts";
import { runApart } from "./run-apart.ts";
import { parts } from "./run-part.ts";

interface Share {
  readonly name: string;
  /** Its long form, once. It ends by itself, or when its minutes are over. */
  readonly long?: boolean;
  /** Minutes of an hour, for a long form that does not end by itself. */
  readonly minutes?: number;
  /** More: it leaves the processors to the others. Less: they leave it more of them, since it needs more than its share. */
  readonly nice?: number;
}

/** By what keeps them: those that share a processor take turns, those that wait do it side by side. */
const lanes: readonly (readonly Share[])[] = [
  // Programs that are started, looked at and killed.
  [{ name: "crash" }, { name: "hostile" }, { name: "data" }],
  [
    { name: "planted", long: true },
    { name: "regressions" },
    { name: "conformance" },
    { name: "beads" },
    { name: "tasks" },
    { name: "time" },
    { name: "queue" },
    { name: "registry" },
    { name: "checker" },
    { name: "environments" },
    { name: "faults" },
  ],
  // One program, or few. Nothing is asked of `fuzz` but its minutes and a few cases.
  [
    { name: "fuzz", long: true, minutes: 30, nice: 5 },
    { name: "determinism", long: true },
    { name: "takeover", long: true },
    { name: "deadlock", long: true },
    { name: "interop" },
  ],
  // Many programs at once.
  [{ name: "storm", long: true, nice: -5 }, { name: "clock" }],
  [
    { name: "histories", long: true, nice: -3 },
    { name: "states", long: true, minutes: 10 },
  ],
  // Those that wait most of their time.
  [
    { name: "counter", long: true },
    { name: "soak", long: true },
  ],
  [
    { name: "power", long: true },
    { name: "pause", long: true },
  ],
];

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
  const runLane = async (lane: readonly Share[]): Promise<void> => {
    for (const { name, long = false, minutes: share = 0, nice = 0 } of lane) {
      const say = (text: string): void => {
        if (/^(FAILED|SKIPPED)/.test(text)) print(`  ${name}: ${text}`);
      };
      const options = { name, long, minutes: (share * minutes) / 60, seed, deadline, nice, say };
      const { tally, line } = await runApart(options);
      print(line);
      total.absorb(tally);
    }
  };
  await Promise.all(lanes.map(runLane));
  print(`${((performance.now() - begunAt) / 60_000).toFixed(1)} of ${minutes} min`);
  return total;
}
