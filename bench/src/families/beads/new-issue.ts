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

/** One whose line has so many bytes, its newline not counted. */
export function issueOfBytes(bytes: number): Issue {
  const issue = newIssue();
  const bare = Buffer.byteLength(JSON.stringify({ ...issue, description: "" }));
  const words = "a line as agents leave them — ";
  const count = Math.floor((bytes - bare) / Buffer.byteLength(words));
  const rest = bytes - bare - count * Buffer.byteLength(words);
  return { ...issue, description: words.repeat(count) + "x".repeat(rest) };
}
