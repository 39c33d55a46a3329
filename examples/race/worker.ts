// One process of the race: changes both files as fast as it can and tells its parent what it was told.
import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { makeIssue } from "./issues.ts";
import { monotonicMs, type Acknowledgement, type Assignment, type Command, type Report } from "./messages.ts";
import type { Way } from "./way.ts";

const reportEveryMs = 20;
const assignment = JSON.parse(process.argv[2] ?? "") as Assignment;
const way = await chooseWay();

let order: Command | undefined;
let reportedAtMs = monotonicMs();
let sequence = 0;
let attempted = 0;
let reads = 0;
let unreadableReads = 0;
let failures: string[] = [];
let acknowledgements: Acknowledgement[] = [];

process.on("message", (command: Command) => {
  order = command;
});
process.on("disconnect", () => process.exit(1)); // the race is gone: so are its files
process.on("SIGINT", () => {}); // Ctrl-C reaches everybody; the race says when to end

report("ready");
while (order === undefined) await setImmediate();
while (order !== "stop") {
  if (order === "die") {
    report("progress"); // nothing acknowledged may die unreported
    await way.holdForEver(() => report("holding"));
  }
  await updateOnce();
  if (sequence % 8 === 0) readAsBystander();
  if (monotonicMs() - reportedAtMs >= reportEveryMs) {
    report("progress");
    await setImmediate();
  }
}
report("stopped");
process.disconnect();

async function chooseWay(): Promise<Way> {
  if (assignment.way === "plain") return (await import("./plain-way.ts")).plainWay(assignment);
  const durability = assignment.way === "flockwork-os" ? "os" : "disk";
  return (await import("./flockwork-way.ts")).flockworkWay(assignment, durability);
}

async function updateOnce(): Promise<void> {
  sequence += 1;
  attempted += 1;
  const target = sequence % 2 === 0 ? "log" : "state";
  const startedAtMs = monotonicMs();
  try {
    const enteredAtMs =
      target === "state"
        ? await way.updateState(sequence)
        : await way.appendIssue(makeIssue(`race-${assignment.worker}-${sequence}`, sequence), sequence / 2);
    acknowledgements.push({ target, sequence, durationMs: monotonicMs() - startedAtMs, enteredAtMs });
  } catch (error) {
    if (error instanceof SyntaxError) unreadableReads += 1;
    else failures.push(error instanceof Error ? error.message : String(error));
  }
}

/** An old script that only looks, and knows of no lock. */
function readAsBystander(): void {
  reads += 1;
  try {
    JSON.parse(readFileSync(assignment.statePath, "utf8"));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    unreadableReads += 1;
  }
}

function report(type: Report["type"]): void {
  if (!process.connected) return;
  process.send?.({ type, attempted, acknowledgements, reads, unreadableReads, failures } satisfies Report);
  reportedAtMs = monotonicMs();
  attempted = reads = unreadableReads = 0;
  failures = [];
  acknowledgements = [];
}
