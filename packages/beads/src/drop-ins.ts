import { fileStore } from "@flockwork/core";
import { join } from "node:path";
import { readRows, writeRow } from "./database-rows.ts";
import type { IssuePatch } from "./change-issue.ts";
import { withDatabaseRead, withDatabaseWrite } from "./database.ts";
import { detectEra } from "./era.ts";
import { filterIssues, type IssueFilter } from "./issue-filter.ts";
import type { WriteOptions } from "./issue-log.ts";
import type { Issue } from "./issue.ts";
import { openBeads } from "./open-beads.ts";
import type { BeadsReceipt } from "./receipt.ts";
import { resolveRedirect } from "./redirect.ts";
import { typedError } from "./sqlite-error.ts";

/** Where the functions of Gas Town's guide find their files. */
export interface DropInOptions extends WriteOptions {
  /** The `.beads` directory, or the one that its `redirect` names. Default `".beads"`. */
  readonly directory?: string | undefined;
}

/** One update of a batch, as the guide has it: `{ issueId, status }`; further fields are changed too. */
export type IssueUpdate = IssuePatch & { readonly issueId: string };

/** Pattern 1: appends an issue to `issues.jsonl`. Throws as `Beads.append`. */
export async function appendIssue(issue: Issue, options: DropInOptions = {}): Promise<BeadsReceipt> {
  return await withBeads(options, (beads) => beads.append(issue, options));
}

/**
 * Pattern 1: all issues, under the shared lock, so that not even a neighbour that writes in place is seen half way. An empty list
 * where there is no file; of several lines of one id, the last.
 */
export async function readIssues(options: DropInOptions = {}): Promise<readonly Issue[]> {
  const { timeoutMs, signal } = options;
  const directory = await directoryOf(options);
  if ((await detectEra(directory)).era === "dolt") return await withBeads(options, (beads) => beads.list());
  await withStore(directory, async (store) => {
    // Whoever is writing has finished once the lock was ours.
    if ((await store.list("")).includes("issues.jsonl"))
      await store.lock("issues.jsonl", { layout: "beads" }).withRead(() => {}, { timeoutMs, signal });
  });
  return await withBeads(options, (beads) => beads.list());
}

/** Pattern 4: changes several issues under one lock, all or none. Throws as `Beads.batchUpdate`. */
export async function batchUpdateIssues(
  updates: readonly IssueUpdate[],
  options: DropInOptions = {},
): Promise<BeadsReceipt> {
  const changes = updates.map(({ issueId, ...change }) => ({ id: issueId, change }));
  return await withBeads(options, (beads) => beads.batchUpdate(changes, options));
}

/**
 * Pattern 5: issues by filter: from `beads.db` where there is one, under its shared lock, else from `issues.jsonl`. The filter is
 * data, never SQL.
 * @throws {DatabaseFormatError} `ERR_DATABASE_FORMAT`: `beads.db` is no database of bd's, or a damaged one.
 */
export async function queryIssues(
  filter: IssueFilter = {},
  options: DropInOptions = {},
): Promise<readonly Issue[]> {
  const directory = await directoryOf(options);
  if ((await detectEra(directory)).era !== "sqlite")
    return await withBeads(options, (beads) => beads.list(filter));
  const path = join(directory, "beads.db");
  const rows = await withDatabaseRead(path, (database) => typed(path, () => readRows(database)), options);
  return filterIssues(rows, filter);
}

/** Pattern 5: changes one issue: in `beads.db` where there is one, in one transaction under its lock, else in `issues.jsonl`. */
export async function updateIssue(
  id: string,
  change: IssuePatch | string,
  options: DropInOptions = {},
): Promise<BeadsReceipt> {
  const directory = await directoryOf(options);
  const patch = typeof change === "string" ? { status: change } : change;
  if ((await detectEra(directory)).era !== "sqlite")
    return await withBeads(options, (beads) => beads.update(id, patch, options));
  const path = join(directory, "beads.db");
  await withDatabaseWrite(path, (database) => typed(path, () => writeRow(database, id, patch)), options);
  return { revision: "beads.db", changed: true, changedIds: [id], durability: "disk" };
}

function typed<R>(path: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw typedError(path, error);
  }
}

async function withBeads<R>(
  options: DropInOptions,
  work: (beads: ReturnType<typeof openBeads>) => Promise<R>,
): Promise<R> {
  return await work(openBeads(await directoryOf(options)));
}

function directoryOf({ directory = ".beads" }: DropInOptions): Promise<string> {
  return resolveRedirect(directory);
}

async function withStore<R>(
  directory: string,
  work: (store: ReturnType<typeof fileStore>) => Promise<R>,
): Promise<R> {
  const store = fileStore(directory);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
