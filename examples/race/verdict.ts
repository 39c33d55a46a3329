import { lostIn } from "./audit.ts";
import { titles } from "./messages.ts";
import type { Outcome } from "./run.ts";

/** What the runs prove, in words and as the exit code of the whole. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly exitCode: 0 | 1;
}

export function verdict(plain: Outcome, protectedRuns: readonly Outcome[]): Verdict {
  const lost = lostIn(plain.audit);
  if (lost === 0) {
    const line =
      "The plain run lost nothing, even under a raised load: this run proves nothing. Try --processes 32.";
    return { lines: [line], exitCode: 1 };
  }
  const faults = protectedRuns.flatMap(faultsIn);
  if (faults.length > 0) {
    const line = "FLOCKWORK FAILED: what it acknowledged is not what the files hold. Please report this.";
    return { lines: [...faults, line], exitCode: 1 };
  }
  return {
    lines: [
      `Plain fs calls lost ${lost} updates and records. No call reported an error for any of them.`,
      "Flockwork lost 0: every acknowledged update was found in the files, one by one.",
    ],
    exitCode: 0,
  };
}

function faultsIn({ way, audit, ledger }: Outcome): readonly string[] {
  const counts = { lost: lostIn(audit), torn: audit.tornLines, unreadable: ledger.unreadableReads };
  const faults = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${titles[way]}: ${number} ${kind}`);
  if (!audit.stateReadable) faults.push(`${titles[way]}: state.json is unreadable`);
  if (ledger.acknowledged === 0) faults.push(`${titles[way]}: no update was acknowledged`);
  return [...faults, ...new Set(ledger.failures)];
}
