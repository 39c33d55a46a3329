// Several processes share one state file and one issue log, first with plain fs calls, then through Flockwork.
//   npm start                        npm start -- --processes 16 --seconds 5 --data .beads/issues.jsonl
import { lostIn } from "./race/audit.ts";
import { cleanUpOnExit } from "./race/clean-up.ts";
import { titles } from "./race/messages.ts";
import { readOptions, usage, type RaceOptions } from "./race/options.ts";
import { Progress } from "./race/progress.ts";
import { run, type Outcome } from "./race/run.ts";
import { table } from "./race/table.ts";

const options = readCommandLine();
cleanUpOnExit();
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
process.exitCode = judge(plain, protectedRuns);

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

function judge({ audit: plainAudit }: Outcome, protectedRuns: readonly Outcome[]): number {
  if (lostIn(plainAudit) === 0) {
    console.log(
      "The plain run lost nothing, even under a raised load: this run proves nothing. Try --processes 32.",
    );
    return 1;
  }
  const faults = protectedRuns.flatMap(faultsIn);
  for (const fault of faults) console.log(fault);
  if (faults.length > 0) {
    console.log("FLOCKWORK FAILED: what it acknowledged is not what the files hold. Please report this.");
    return 1;
  }
  console.log(
    `Plain fs calls lost ${lostIn(plainAudit)} updates and records. No call reported an error for any of them.`,
  );
  console.log("Flockwork lost 0: every acknowledged update was found in the files, one by one.");
  return 0;
}

function faultsIn({ way, audit, ledger }: Outcome): readonly string[] {
  const counts = { lost: lostIn(audit), torn: audit.tornLines, unreadable: ledger.unreadableReads };
  const faults = Object.entries(counts).flatMap(([kind, number]) =>
    number > 0 ? `${titles[way]}: ${number} ${kind}` : [],
  );
  if (!audit.stateReadable) faults.push(`${titles[way]}: state.json is unreadable`);
  if (ledger.acknowledged === 0) faults.push(`${titles[way]}: no update was acknowledged`);
  return [...faults, ...new Set(ledger.failures)];
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
