import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { audit, type Audit } from "./audit.ts";
import { temporaryDirectory } from "./clean-up.ts";
import { Fleet } from "./fleet.ts";
import { makeIssueLog } from "./issues.ts";
import { Ledger } from "./ledger.ts";
import { monotonicMs, type WayName } from "./messages.ts";
import type { RaceOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import { makeState } from "./state.ts";

/** What one run came to. */
export interface Outcome {
  readonly way: WayName;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly elapsedMs: number;
}

/** How long the worker that will be killed stays in the middle of its change, so that others come to wait for it. */
const holdMs = 60;

/** Lets processes share fresh copies of the two files for a while, kills one on the way, and compares. */
export async function run(way: WayName, options: RaceOptions, progress: Progress): Promise<Outcome> {
  const directory = temporaryDirectory();
  try {
    const { statePath, logPath } = layOut(directory.path, options);
    const originalLog = readFileSync(logPath, "utf8");
    const ledger = new Ledger();
    const workers = Array.from({ length: options.processes }, (_, worker) => worker);
    progress.starting(way);
    const fleet = new Fleet(
      ledger,
      workers.map((worker) => ({ worker, way, statePath, logPath })),
    );
    await fleet.ready();
    const startedAtMs = monotonicMs();
    progress.begin(way, ledger, startedAtMs);
    fleet.start();
    await setTimeout(options.seconds * 600);
    const victim = await fleet.holdOne();
    await setTimeout(holdMs);
    victim.kill(monotonicMs());
    await setTimeout(Math.max(options.seconds * 1000 - (monotonicMs() - startedAtMs), 100));
    await fleet.stop();
    const elapsedMs = monotonicMs() - startedAtMs;
    progress.end();
    return { way, ledger, audit: audit(ledger, statePath, logPath, originalLog), elapsedMs };
  } finally {
    progress.end();
    directory.remove();
  }
}

function layOut(
  directory: string,
  options: RaceOptions,
): { readonly statePath: string; readonly logPath: string } {
  const logPath = join(directory, "issues.jsonl");
  if (options.data === undefined) writeFileSync(logPath, makeIssueLog(150));
  else copyFileSync(options.data, logPath);
  chmodSync(logPath, 0o644); // the original may be kept from being written
  const log = readFileSync(logPath, "utf8");
  if (log !== "" && !log.endsWith("\n")) writeFileSync(logPath, `${log}\n`);
  const statePath = join(directory, "state.json");
  const state = makeState(options.processes, issueIdsIn(log));
  writeFileSync(statePath, `${JSON.stringify(state, null, 2)}\n`);
  return { statePath, logPath };
}

function issueIdsIn(log: string): readonly string[] {
  const ids = log.split("\n").flatMap((line) => /"id":"([^"\\]{1,100})"/.exec(line)?.[1] ?? []);
  return [...new Set(ids)].filter((id) => id !== "__proto__");
}
