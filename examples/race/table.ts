import { lostIn } from "./audit.ts";
import { titles } from "./messages.ts";
import type { Outcome } from "./run.ts";

type Row = readonly string[];

/** The runs side by side. */
export function table(outcomes: readonly Outcome[]): string {
  const row = (label: string, cell: (outcome: Outcome) => string): Row => [label, ...outcomes.map(cell)];
  return layOut([
    row("", ({ way }) => titles[way]),
    row("updates attempted", ({ ledger }) => count(ledger.attempted)),
    row("updates acknowledged", ({ ledger }) => count(ledger.acknowledged)),
    row("LOST", ({ audit }) => count(lostIn(audit))),
    row("  acknowledged, not in state.json", ({ audit }) => count(audit.lostUpdates)),
    row("  acknowledged, not in issues.jsonl", ({ audit }) => count(audit.lostAppends)),
    row("  issues that were there before", ({ audit }) => count(audit.lostOriginals)),
    row("torn lines in issues.jsonl", ({ audit }) => count(audit.tornLines)),
    row("unreadable reads of state.json", ({ ledger }) => count(ledger.unreadableReads)),
    row("state.json readable at the end", ({ audit }) => (audit.stateReadable ? "yes" : "NO")),
    row("what is acknowledged survives", survives),
    row("acknowledged updates per second", ({ ledger, elapsedMs }) =>
      count(Math.round((ledger.acknowledged / elapsedMs) * 1000)),
    ),
    row("p99 of one update, wait included", ({ ledger }) => `${ledger.p99Ms.toFixed(1)} ms`),
    row("one process killed (SIGKILL) while", ({ way }) =>
      way === "plain" ? "writing" : "holding both locks",
    ),
    row("  until the next one got in", ({ ledger: { handOverMs } }) =>
      handOverMs === undefined ? "never" : `${handOverMs.toFixed(1)} ms`,
    ),
  ]);
}

function survives({ way }: Outcome): string {
  if (way === "plain") return "no promise";
  return way === "flockwork-os" ? "any process dying" : "the power failing";
}

function layOut(rows: readonly Row[]): string {
  const columns = rows[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const rule = "-".repeat(lines[0]?.length ?? 0);
  return [lines[0], rule, ...lines.slice(1), rule].join("\n");
}

/** Digits in groups of three. */
function count(value: number): string {
  return String(value).replaceAll(/\B(?=(\d{3})+$)/g, " ");
}
