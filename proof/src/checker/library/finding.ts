/** One rule a history breaks. The checkers that need no search return a list of these: empty if all is well. */
export interface Finding {
  /** A short name, the same for each breach of one rule: `late hole`, `lost record`. */
  readonly rule: string;
  /** A sentence for people, naming what it is about. */
  readonly text: string;
  /** Positions in the history of the operations that show it, fewest first needed. */
  readonly operations: readonly number[];
}

/** Findings as lines for a terminal. */
export function tellFindings(findings: readonly Finding[]): string {
  return findings.map(({ rule, text }) => `${rule}: ${text}`).join("\n");
}
