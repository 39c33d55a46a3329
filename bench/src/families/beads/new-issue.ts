import type { Issue } from "@flockwork/beads";

const at = "2026-01-01T00:00:00Z";
let made = 0;

/** One more issue of about a kilobyte, with an id of its own. */
export function newIssue(): Issue {
  return {
    id: `bd-new-${process.pid}-${(made += 1)}`,
    title: "One more",
    description: "x".repeat(700),
    status: "open",
    priority: 2,
    issue_type: "task",
    created_at: at,
    updated_at: at,
  };
}
