export type { Comment, Dependency, DependencyType, Instant, Issue, IssueStatus, IssueType } from "./issue.ts";
export type { Era, ExportHeader, Interaction, MemoryLine, Route } from "./neighbour-files.ts";
