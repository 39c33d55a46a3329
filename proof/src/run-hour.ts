/** Every part within a given time, an hour on two cores: each has its share of it. */
import { Tally } from "./harness/tally.ts";
import { parts, runPart } from "./run-part.ts";

/** Minutes of 60. What a part leaves over, or takes beyond, is the others'. */
interface Share {
  readonly minutes: number;
  /** Its long form, once: it ends by itself about then, or goes on until its time is up. Otherwise its short form again and again, with the next seed. */
  readonly long?: boolean;
}

/** Those that end by themselves first, so that the others share what is left. */
const shares: ReadonlyMap<string, Share> = new Map<string, Share>([
  ["data", { minutes: 0.5 }],
  ["environments", { minutes: 0.5 }],
  ["hostile", { minutes: 1 }],
  ["planted", { minutes: 6, long: true }],
  ["determinism", { minutes: 1.5 }],
  ["crash", { minutes: 6 }],
  ["faults", { minutes: 2 }],
  ["interop", { minutes: 3 }],
  ["takeover", { minutes: 3, long: true }],
  ["deadlock", { minutes: 1, long: true }],
  ["clock", { minutes: 1 }],
  ["soak", { minutes: 2 }],
  ["counter", { minutes: 2 }],
  ["checker", { minutes: 2 }],
  ["conformance", { minutes: 2 }],
  ["registry", { minutes: 1.5 }],
  ["beads", { minutes: 1.5 }],
  ["tasks", { minutes: 1.5 }],
  ["time", { minutes: 2 }],
  ["queue", { minutes: 2 }],
  ["pause", { minutes: 2 }],
  ["power", { minutes: 4 }],
  ["states", { minutes: 3, long: true }],
  ["fuzz", { minutes: 3, long: true }],
  ["histories", { minutes: 4 }],
  ["storm", { minutes: 6 }],
]);

export interface HourOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly print: (text: string) => void;
}

/** Runs every part of the proof; each ends in its line. */
export async function runHour({ minutes, seed, print }: HourOptions): Promise<Tally> {
  const total = new Tally();
  const endsAt = performance.now() + minutes * 60_000;
  const missing = [...parts.keys()].filter((name) => !shares.has(name));
  if (missing.length > 0) throw new RangeError(`no share of the time for ${missing.join(", ")}`);
  let weights = [...shares.values()].reduce((sum, share) => sum + share.minutes, 0);
  for (const [name, share] of shares) {
    const forAll = (endsAt - performance.now()) / 60_000;
    const tally = new Tally();
    const begunAt = performance.now();
    const rounds = await runShare(
      name,
      share,
      Math.max(0, (forAll * share.minutes) / weights),
      seed,
      tally,
      print,
    );
    weights -= share.minutes;
    const took = `${((performance.now() - begunAt) / 60_000).toFixed(1)} min`;
    print(`${tally.line(name, seed)} (${rounds === 1 ? "once" : `${rounds} rounds`}, ${took})`);
    total.absorb(tally);
  }
  return total;
}

/** How often it ran: at least once, whatever the time. */
async function runShare(
  name: string,
  { long = false }: Share,
  minutes: number,
  seed: number,
  tally: Tally,
  print: (text: string) => void,
): Promise<number> {
  const endsAt = performance.now() + minutes * 60_000;
  const say = (text: string): void => (/^(FAILED|SKIPPED)/.test(text) ? print(`  ${text}`) : undefined);
  for (let rounds = 1; ; rounds += 1) {
    const begunAt = performance.now();
    tally.absorbRound(await runPart(name, { long, minutes, seed: seed + rounds - 1, say }));
    const now = performance.now();
    if (long || now + (now - begunAt) > endsAt) return rounds;
  }
}
