import { findCycles } from "./dependency-cycles.ts";
import { filterIssues, type IssueFilter, type IssueSort } from "./issue-filter.ts";
import { IssueGraph, type Blocker, type IssueMap } from "./issue-graph.ts";
import type { IssueView } from "./issue-view.ts";
import { issueStats, type IssueStats } from "./issue-stats.ts";
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
  readonly #view: IssueView;
  readonly #viewOf: (file: string) => IssueView;
  readonly #now: () => number;

  /** @param viewOf - Another view of a file, with nothing read yet. */
  constructor(
    view: IssueView,
    viewOf: (file: string) => IssueView,
    options: { readonly now?: (() => number) | undefined },
  ) {
    this.#view = view;
    this.#viewOf = viewOf;
    this.#now = options.now ?? Date.now;
  }

  /** The issue of that id; undefined where there is none. Tombstones are found. */
  async get(id: string): Promise<Issue | undefined> {
    return (await this.#view.refresh()).get(id);
  }

  /** The issues that a filter means, in the order of the file or sorted. Without a filter: all but tombstones. */
  async list(filter: IssueFilter = {}, sort?: IssueSort): Promise<readonly Issue[]> {
    const state = await this.#view.refresh();
    return filterIssues(state.issues.values(), filter, sort);
  }

  /** The issues that can be worked on now; see `readyIssues`. */
  async ready(options: ReadyOptions = {}): Promise<readonly Issue[]> {
    const state = await this.#view.refresh();
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
    const state = await this.#view.refresh();
    return searchIssues(state.issues.values(), query, options);
  }

  /** How many issues there are of which kind. */
  async stats(): Promise<IssueStats> {
    return issueStats(await this.#issues(), this.#now());
  }

  /** The notes that today's bd exports beside issues, by key. */
  async memories(): Promise<ReadonlyMap<string, MemoryLine>> {
    return (await this.#view.refresh()).memories;
  }

  /** The header of an export, where there is one. */
  async header(): Promise<ExportHeader | undefined> {
    return (await this.#view.refresh()).header;
  }

  /** The issues of another file of the same shape: templates, or the snapshot of the last sync of bd up to 0.50. */
  async listFrom(
    file: "molecules.jsonl" | "sync_base.jsonl",
    filter: IssueFilter = {},
    sort?: IssueSort,
  ): Promise<readonly Issue[]> {
    const state = await this.#viewOf(file).refresh();
    return filterIssues(state.issues.values(), filter, sort);
  }

  /**
   * Each change of an issue from now on, whoever made it, until the signal aborts or the loop is left. States in between may be
   * missed, never the last. Keeps the process alive.
   */
  watch(options: WatchIssuesOptions = {}): AsyncGenerator<IssueEvent, void, undefined> {
    return watchIssues(this.#viewOf("issues.jsonl"), options);
  }

  async #issues(): Promise<IssueMap> {
    return (await this.#view.refresh()).issues;
  }
}
