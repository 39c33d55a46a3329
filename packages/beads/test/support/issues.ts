import type { Dependency, Issue } from "../../src/issue.ts";

/** An issue with what a test says, and something for the rest. */
export function issueOf(id: string, fields: Partial<Issue> = {}): Issue {
  return {
    id,
    title: `Title of ${id}`,
    status: "open",
    priority: 2,
    issue_type: "task",
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    ...fields,
  };
}

/** A dependency of `from` on `to`. */
export function dependencyOf(from: string, to: string, type = "blocks", metadata?: string): Dependency {
  return {
    issue_id: from,
    depends_on_id: to,
    type,
    created_at: "2026-01-01T00:00:00Z",
    ...(metadata !== undefined && { metadata }),
  };
}

/** Issues by id. */
export function mapOf(...issues: readonly Issue[]): Map<string, Issue> {
  return new Map(issues.map((issue) => [issue.id, issue]));
}
