import { findCycles } from "./dependency-cycles.ts";
import { filterIssues, type IssueFilter, type IssueSort } from "./issue-filter.ts";
import { IssueGraph, type Blocker, type IssueMap } from "./issue-graph.ts";
import { prefixOf } from "./issue-id.ts";
import type { IssueLog } from "./issue-log.ts";
import { issueStats, type IssueStats } from "./issue-stats.ts";
import { isTombstone } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import type { ExportHeader, MemoryLine } from "./neighbour-files.ts";
import type { ReadyOptions } from "./ready-issues.ts";
import { searchIssues, type SearchOptions } from "./search-issues.ts";
import { watchIssues, type IssueEvent, type WatchIssuesOptions } from "./watch-issues.ts";

/**
 * What can be asked of issues. Nothing here takes a lock, waits for a writer or writes; each call first reads what is new.
 *
 * @throws {LogCorruptError} `ERR_LOG_CORRUPT`, with the line: a line is damaged, and `onDamage` is `"error"`. See `repair`.
 * @throws {ConflictMarkersError} `ERR_CONFLICT_MARKERS`: git could not merge the file. See `repair`.
 */
export class BeadsReader {
  /** The log of the issues. */
  protected readonly issueLog: IssueLog;
  readonly #logOf: (file: string) => IssueLog;
  readonly #fixedPrefix: string | undefined;
  readonly #now: () => number;

  constructor(
    logOf: (file: string) => IssueLog,
    options: { readonly prefix?: string | undefined; readonly now?: (() => number) | undefined },
  ) {
    this.issueLog = logOf("issues.jsonl");
    this.#logOf = logOf;
    this.#fixedPrefix = options.prefix;
    this.#now = options.now ?? Date.now;
  }

  /** The issue of that id; undefined where there is none. Tombstones are found. */
  async get(id: string): Promise<Issue | undefined> {
    return (await this.issueLog.refresh()).get(id);
  }

  /** The issues that a filter means, in the order of the file or sorted. Without a filter: all but tombstones. */
  async list(filter: IssueFilter = {}, sort?: IssueSort): Promise<readonly Issue[]> {
    const state = await this.issueLog.refresh();
    return filterIssues(state.issues.values(), filter, sort);
  }

  /** The issues that can be worked on now; see `readyIssues`. */
  async ready(options: ReadyOptions = {}): Promise<readonly Issue[]> {
    const state = await this.issueLog.refresh();
    return state.ready({ nowMs: this.#now(), ...options });
  }

  /** Why an issue cannot be worked on: what it waits for, one by one. */
  async blockers(id: string): Promise<readonly Blocker[]> {
    const issues = await this.#issues();
    const issue = issues.get(id);
    return issue === undefined ? [] : new IssueGraph(issues).blockersOf(issue);
  }

  /** The circles of issues that wait for each other. */
  async cycles(): Promise<readonly (readonly string[])[]> {
    return findCycles(await this.#issues());
  }

  /** The issues in which all words occur, the best first; see `searchIssues`. */
  async search(query: string, options: SearchOptions = {}): Promise<readonly Issue[]> {
    const state = await this.issueLog.refresh();
    return searchIssues(state.issues.values(), query, options);
  }

  /** How many issues there are of which kind. */
  async stats(): Promise<IssueStats> {
    return issueStats(await this.#issues(), this.#now());
  }

  /** The notes that today's bd exports beside issues, by key. */
  async memories(): Promise<ReadonlyMap<string, MemoryLine>> {
    return (await this.issueLog.refresh()).memories;
  }

  /** The header of an export, where there is one. */
  async header(): Promise<ExportHeader | undefined> {
    return (await this.issueLog.refresh()).header;
  }

  /** The issues of another file of the same shape: templates, or the snapshot of the last sync of bd up to 0.50. */
  async listFrom(
    file: "molecules.jsonl" | "sync_base.jsonl",
    filter: IssueFilter = {},
    sort?: IssueSort,
  ): Promise<readonly Issue[]> {
    const state = await this.#logOf(file).refresh();
    return filterIssues(state.issues.values(), filter, sort);
  }

  /**
   * Each change of an issue from now on, whoever made it, until the signal aborts or the loop is left. States in between may be
   * missed, never the last. Keeps the process alive.
   */
  watch(options: WatchIssuesOptions = {}): AsyncGenerator<IssueEvent, void, undefined> {
    return watchIssues(this.#logOf("issues.jsonl"), options);
  }

  /** What new ids begin with: the option, or what most of the issues have. */
  protected async prefix(fallback?: string): Promise<string> {
    if (this.#fixedPrefix !== undefined) return this.#fixedPrefix;
    if (fallback !== undefined) return fallback;
    const counts = new Map<string, number>();
    for (const issue of (await this.#issues()).values()) {
      const prefix = isTombstone(issue) ? undefined : prefixOf(issue.id);
      if (prefix !== undefined) counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
    }
    const [most] = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
    return most?.[0] ?? "bd";
  }

  async #issues(): Promise<IssueMap> {
    return (await this.issueLog.refresh()).issues;
  }
}
