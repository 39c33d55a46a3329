// Several processes share one state file and one issue log, first with plain fs calls, then through Flockwork.
//   npm start                        npm start -- --processes 16 --seconds 5 --data .beads/issues.jsonl
import { lostIn } from "./race/audit.ts";
import { cleanUpOnExit, temporaryDirectory } from "./race/clean-up.ts";
import { readOptions, usage, type RaceOptions } from "./race/options.ts";
import { Progress } from "./race/progress.ts";
import { run, type Outcome } from "./race/run.ts";
import { table } from "./race/table.ts";
import { verdict } from "./race/verdict.ts";

const options = readCommandLine();
cleanUpOnExit();
process.env["NODE_COMPILE_CACHE"] = temporaryDirectory().path; // so that later processes start faster
const progress = new Progress();

const issues = options.data === undefined ? "a made-up issue log" : `a copy of ${options.data}`;
console.log(`${options.processes} processes share state.json and issues.jsonl (${issues}).`);
console.log(
  `Three runs of ${options.seconds} s: plain fs calls, then Flockwork with each of its two durabilities.\n`,
);
const plain = await raceUntilSomethingIsLost(options);
const protectedRuns = [
  await run("flockwork-os", options, progress),
  await run("flockwork-disk", options, progress),
];
console.log(`\n${table([plain, ...protectedRuns])}`);
const { lines, exitCode } = verdict(plain, protectedRuns);
for (const line of lines) console.log(line);
process.exitCode = exitCode;

/** A plain run that happens to lose nothing proves nothing: it is repeated, longer and with more processes. */
async function raceUntilSomethingIsLost(first: RaceOptions): Promise<Outcome> {
  let { processes, seconds } = first;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await run("plain", { ...first, processes, seconds }, progress);
    if (lostIn(outcome.audit) > 0 || attempt > 3) return outcome;
    processes = Math.min(processes * 2, 64);
    seconds *= 1.5;
    console.log(`Nothing was lost this time. Again, with ${processes} processes.`);
  }
}

function readCommandLine(): RaceOptions {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== "help") return read;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}
