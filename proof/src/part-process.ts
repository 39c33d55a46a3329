/** A part in a process of its own, the first of a group of its own: whatever it starts ends with it. */
import { processorMinutes } from "./harness/processor-minutes.ts";
import { describe, Tally } from "./harness/tally.ts";
import { type PartMessage, type PartRequest, readRequest } from "./run-apart.ts";
import { runPart, timedParts } from "./run-part.ts";

const tell = (message: PartMessage): Promise<void> =>
  new Promise((resolve) => void process.send?.(message, () => resolve()));

/** Whoever asked is gone: nobody reads what is found. */
const endAll = (): boolean => process.kill(0, "SIGKILL");

/** One round, or as many as its time allows, each with the next seed. Where nothing passed, nothing will in the next. */
async function run({ name, long, minutes, seed }: PartRequest): Promise<void> {
  const begunAt = performance.now();
  const endsAt = begunAt + (minutes ?? 0) * 60_000;
  const tally = new Tally();
  const skips = new Set<string>();
  const say = (text: string): void => {
    if (text.startsWith("SKIPPED")) {
      if (skips.has(text)) return; // said in the round before
      skips.add(text);
    }
    void tell({ said: text });
  };
  const ofOneRound = timedParts.has(name) && minutes !== undefined ? { minutes } : {};
  for (let rounds = 1; ; rounds += 1) {
    const roundAt = performance.now();
    const round = await runPart(name, { long, seed: seed + rounds - 1, say, ...ofOneRound });
    tally.absorbRound(round);
    const now = performance.now();
    if (long || round.passed === 0 || now + (now - roundAt) > endsAt)
      return tell({
        tally: tally.record,
        rounds,
        minutes: (now - begunAt) / 60_000,
        processorMinutes: processorMinutes(),
      });
  }
}

process.once("disconnect", endAll);
await run(readRequest(process.argv[2])).catch((error: unknown) => {
  console.error(describe(error));
  process.exitCode = 1;
});
process.removeListener("disconnect", endAll);
process.disconnect?.();
