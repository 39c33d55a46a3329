// Opening and changing issues
export { openBeads, type BeadsStore, type OpenBeadsOptions } from "./open-beads.ts";
export type { BatchUpdate, Beads, UpdateOptions } from "./beads.ts";
export type { BeadsReceipt, IssueReceipt } from "./receipt.ts";
export type { WriteOptions } from "./issue-log.ts";
export type { OnDamage } from "./issue-view.ts";
export type { NewIssue } from "./create-issue.ts";
export { revisionOf, type IssueChange, type IssuePatch } from "./change-issue.ts";
export type { NewComment, NewDependency } from "./link-issues.ts";
export type { Claim } from "./claim.ts";
export type { ClaimRequest } from "./claim-issue.ts";
export type { IssueEvent, WatchIssuesOptions } from "./watch-issues.ts";
export type { Interactions, NewInteraction } from "./interactions.ts";
export type { Routes } from "./routes.ts";
export { resolveRedirect, writeRedirect } from "./redirect.ts";
export { detectEra, type Surroundings } from "./era.ts";
export * from "./errors.ts";

// Looking after the files
export { doctor, type Diagnosis, type Finding } from "./doctor.ts";
export { repair, type RepairOptions, type RepairReport } from "./repair.ts";
export {
  backupDatabase,
  restoreDatabase,
  withDatabaseRead,
  withDatabaseWrite,
  type DatabaseOptions,
} from "./database.ts";

// The functions of Gas Town's guide, by their names
export {
  appendIssue,
  batchUpdateIssues,
  queryIssues,
  readIssues,
  updateIssue,
  type DropInOptions,
  type IssueUpdate,
} from "./drop-ins.ts";

// What issues say, without a file
export { readyIssues, type ReadyOptions, type ReadyOrder } from "./ready-issues.ts";
export { filterIssues, sortIssues, type IssueFilter, type IssueSort } from "./issue-filter.ts";
export { searchIssues, type SearchOptions } from "./search-issues.ts";
export { issueStats, type IssueStats } from "./issue-stats.ts";
export { IssueGraph, type Blocker, type IssueMap } from "./issue-graph.ts";
export { findCycles } from "./dependency-cycles.ts";
export { compareInstants, instantToNs } from "./instant.ts";

// Merging
export { mergeIssues } from "./merge/merge-issues.ts";
export { mergeIssueTexts, type MergedText, type MergeTexts } from "./merge/merge-texts.ts";
export type { MergeConflict, MergePolicy, MergeResult } from "./merge/merge-conflict.ts";

// The format
export { issueSchema } from "./issue-schema.ts";
export { faultsOfIssue } from "./issue-rules.ts";
export { exportHeaderSchema, interactionSchema, memoryLineSchema, routeSchema } from "./neighbour-files.ts";
export { contentHash, type HashVersion } from "./content-hash.ts";
export { hashId, idLength, type IdSource } from "./issue-id.ts";
export type {
  BondReference,
  Comment,
  Dependency,
  DependencyType,
  EntityReference,
  Instant,
  Issue,
  IssueStatus,
  IssueType,
  Validation,
} from "./issue.ts";
export type { Era, ExportHeader, Interaction, MemoryLine, Route } from "./neighbour-files.ts";
