/** One line of an issue log, with the fields beads writes. */
export interface Issue {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly status: string;
  readonly priority: number;
  readonly issue_type: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly labels: readonly string[];
}

const verbs = ["Fix", "Speed up", "Document", "Rewrite", "Test", "Remove"];
const subjects = ["the importer", "session cleanup", "retry handling", "the status line", "label search"];
const types = ["bug", "feature", "task", "chore"];
const statuses = ["open", "in_progress", "blocked", "closed"];

/** A made-up issue log: the same text at every call. */
export function makeIssueLog(issues: number): string {
  const lines = Array.from({ length: issues }, (_, index) =>
    JSON.stringify(makeIssue(`fw-${index + 1}`, index)),
  );
  return `${lines.join("\n")}\n`;
}

/** A made-up issue; `index` decides its content. */
export function makeIssue(id: string, index: number): Issue {
  const pick = (choices: readonly string[], stride: number): string =>
    choices[Math.floor(index / stride) % choices.length] ?? "";
  const at = new Date(Date.UTC(2026, 0, 1) + index * 3_600_000).toISOString();
  return {
    id,
    title: `${pick(verbs, 1)} ${pick(subjects, 6)}`,
    description: `Seen while working on ${pick(subjects, 1)}. ${"Steps, expectation and log are attached. ".repeat(1 + (index % 4))}`,
    status: pick(statuses, 3),
    priority: index % 5,
    issue_type: pick(types, 2),
    created_at: at,
    updated_at: at,
    labels: index % 3 === 0 ? ["agents", "files"] : [],
  };
}
