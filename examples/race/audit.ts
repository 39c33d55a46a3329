import { readFileSync } from "node:fs";
import type { Ledger } from "./ledger.ts";
import type { State } from "./state.ts";

/** What the files hold, against what the workers were told. */
export interface Audit {
  /** Acknowledged updates whose trace is not in the state file. All of them when it cannot be read. */
  readonly lostUpdates: number;
  /** Acknowledged appends whose id is in no readable line of the log. */
  readonly lostAppends: number;
  /** Lines that were in the log before the run and are not there, byte for byte, after it. */
  readonly lostOriginals: number;
  /** Lines that are no JSON and were not there before. */
  readonly tornLines: number;
  readonly stateReadable: boolean;
}

export function audit(ledger: Ledger, statePath: string, logPath: string, originalLog: string): Audit {
  const state = readState(statePath);
  let lostUpdates = 0;
  for (const [worker, acknowledged] of ledger.stateUpdates) {
    lostUpdates += Math.max(acknowledged - (state?.workers[worker]?.updates ?? 0), 0);
  }
  return { lostUpdates, ...auditLog(ledger, logPath, originalLog), stateReadable: state !== undefined };
}

/** How much is gone, of whatever kind. */
export function lostIn({ lostUpdates, lostAppends, lostOriginals }: Audit): number {
  return lostUpdates + lostAppends + lostOriginals;
}

function auditLog(
  ledger: Ledger,
  logPath: string,
  originalLog: string,
): Pick<Audit, "lostAppends" | "lostOriginals" | "tornLines"> {
  const originals = new Map<string, number>();
  for (const line of linesOf(originalLog)) originals.set(line, (originals.get(line) ?? 0) + 1);
  const missingIds = new Set(ledger.appendedIds);
  let tornLines = 0;
  for (const line of linesOf(readFileSync(logPath, "utf8"))) {
    const expected = originals.get(line);
    if (expected !== undefined && expected > 0) originals.set(line, expected - 1);
    else if (!removeIssue(line, missingIds)) tornLines += 1;
  }
  const lostOriginals = [...originals.values()].reduce((sum, missing) => sum + missing, 0);
  return { lostAppends: missingIds.size, lostOriginals, tornLines };
}

/** Takes the issue of a line off the list. False when the line is no JSON. */
function removeIssue(line: string, missingIds: Set<string>): boolean {
  try {
    const { id } = JSON.parse(line) as { id?: unknown };
    if (typeof id === "string") missingIds.delete(id);
    return true;
  } catch {
    return false;
  }
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.trim() !== "");
}

function readState(path: string): State | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as State;
  } catch {
    return undefined;
  }
}
