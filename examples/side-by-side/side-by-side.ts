import { runSide, type Outcome } from "./run-side.ts";
import type { Idea, Side } from "./idea.ts";
import { work } from "./work.ts";

const roundsAtMost = 10;

/**
 * Runs an example: by itself it shows Flockwork at work; with `--race` it shows first what the original does, then Flockwork,
 * each with several processes at once. Exit code 0 only if Flockwork's files had no fault and, in a race, the original's had.
 */
export async function sideBySide(idea: Idea): Promise<void> {
  const [option, ...rest] = process.argv.slice(2);
  if (option === "--worker") return await work(idea, rest);
  if (option !== undefined && option !== "--race") {
    console.error(`unknown option ${option}. Only --race is known: the original's losses beside Flockwork's`);
    process.exitCode = 2;
    return;
  }
  const original = option === "--race" ? await untilItFails(idea) : undefined;
  const ours = await runSide(idea, "flockwork");
  say("flockwork", ours);
  const held = ours.faults.length === 0 && ours.told.length > 0;
  const shown = original === undefined || original.faults.length > 0;
  const lost = original === undefined ? "" : `the original's files have ${original.faults.length} faults, `;
  console.log(`${held && shown ? "proof" : "FAILED"}: ${lost}Flockwork's have ${ours.faults.length}`);
  process.exitCode = held && shown ? 0 : 1;
}

/** A race may go well by luck: then it is run again. */
async function untilItFails(idea: Idea): Promise<Outcome> {
  for (let round = 1; ; round += 1) {
    const outcome = await runSide(idea, "original");
    say("original", outcome);
    if (outcome.faults.length > 0 || round === roundsAtMost) return outcome;
  }
}

function say(side: Side, { processes, told, faults }: Outcome): void {
  const first = faults.length === 0 ? "" : `, such as: ${faults[0] ?? ""}`;
  console.log(
    `${side.padEnd(9)}  ${processes} processes, told "done" ${told.length} times, ${faults.length} faults${first}`,
  );
}
