import type { Part, PartContext } from "./harness/part.ts";
import { Random } from "./harness/random.ts";
import { describe, Tally } from "./harness/tally.ts";

/** In their long form these go on until their time is up; the others end by themselves. */
export const timedParts: ReadonlySet<string> = new Set(["fuzz", "states"]);

/** Loaded when asked for, so that one part's needs are not every part's. */
export const parts: ReadonlyMap<string, () => Promise<Part>> = new Map<string, () => Promise<Part>>([
  ["conformance", async () => (await import("./conformance/conformance.ts")).conformance],
  ["histories", async () => (await import("./conformance/histories.ts")).histories],
  ["checker", async () => (await import("./checker/checker.ts")).checker],
  ["counter", async () => (await import("./counter/counter.ts")).counter],
  ["faults", async () => (await import("./faults/faults.ts")).faults],
  ["hostile", async () => (await import("./hostile/hostile.ts")).hostile],
  ["environments", async () => (await import("./environments/environments.ts")).environments],
  ["data", async () => (await import("./data/data.ts")).data],
  ["interop", async () => (await import("./interop/interop.ts")).interop],
  ["takeover", async () => (await import("./takeover/takeover.ts")).takeover],
  ["deadlock", async () => (await import("./deadlock/deadlock.ts")).deadlock],
  ["clock", async () => (await import("./clock/clock.ts")).clock],
  ["soak", async () => (await import("./soak/soak.ts")).soak],
  ["pause", async () => (await import("./pause/pause.ts")).pause],
  ["registry", async () => (await import("./registry/registry.ts")).registry],
  ["beads", async () => (await import("./beads/beads.ts")).beads],
  ["tasks", async () => (await import("./tasks/tasks.ts")).tasks],
  ["queue", async () => (await import("./queue/queue.ts")).queue],
  ["time", async () => (await import("./time/time.ts")).time],
  ["power", async () => (await import("./power/power.ts")).power],
  ["determinism", async () => (await import("./states/determinism.ts")).determinism],
  ["fuzz", async () => (await import("./fuzz/fuzz.ts")).fuzz],
  ["states", async () => (await import("./states/states.ts")).states],
  ["planted", async () => (await import("./planted/planted.ts")).planted],
  ["regressions", async () => (await import("./planted/planted.ts")).regressions],
  ["crash", async () => (await import("./crash/crash.ts")).crash],
  ["storm", async () => (await import("./crash/kill-storm.ts")).storm],
]);

export type RunOptions = Pick<PartContext, "long" | "minutes" | "seed" | "say">;

/** Runs a part. A part that breaks, or of which nothing ran and nothing is missing here, is a failure, never a silence. */
export async function runPart(name: string, { long, minutes, seed, say }: RunOptions): Promise<Tally> {
  const tally = new Tally(say, `seed ${seed}`);
  const load = parts.get(name);
  if (load === undefined) throw new RangeError(`no part is called ${name}`);
  try {
    const part = await load();
    await part({
      long,
      ...(minutes !== undefined && { minutes }),
      seed,
      random: new Random(seed),
      tally,
      say,
    });
  } catch (error) {
    tally.fail(`${name} broke`, describe(error));
  }
  if (tally.passed === 0 && tally.failed === 0 && tally.skipped === 0) tally.fail(name, "nothing of it ran");
  return tally;
}
