import { join } from "node:path";
import { type Clock, type Store, type StoreDocument, type StoreLog, type WaitOptions } from "@flockwork/core";
import { DependencyCycleError, TaskFormatError, TaskNotFoundError } from "../errors.ts";
import { findCycle } from "../graph.ts";
import { EventNotWrittenError } from "./event-not-written.ts";
import { indexOf, issueOf, jitLayout, jitTimeoutMs, names } from "./files.ts";
import { isSettledIssue, type JitEvent, type JitIndex, type JitIssue } from "./issue.ts";

/** The issues of a repository, its index and its events, as they lie in their files. */
export class IssueFiles {
  readonly index: StoreDocument<JitIndex>;
  readonly events: StoreLog<JitEvent>;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #eventsPath: string;

  /** @param directory - Where the store's files lie. Undefined: nowhere that has a path. */
  constructor(store: Store, clock: Clock, directory: string | undefined) {
    this.#store = store;
    this.#clock = clock;
    this.#eventsPath = directory === undefined ? names.events : join(directory, names.events);
    this.index = indexOf(store);
    this.events = store.log<JitEvent>({ name: names.events, layout: jitLayout, onCorrupt: "skip" });
  }

  document(id: string): StoreDocument<JitIssue> {
    return issueOf(this.#store, id);
  }

  now(): string {
    return new Date(this.#clock.now()).toISOString();
  }

  /**
   * Tells of a change that is written, all its events in one append.
   * @param done - In words: `Issue … was created`.
   * @param receipt - What the call resolves to.
   * @throws {EventNotWrittenError} `ERR_EVENT_NOT_WRITTEN`: the change stays, its events are missing.
   */
  async tell<R>(done: string, events: readonly JitEvent[], receipt: R): Promise<R> {
    try {
      if (events.length > 0) await this.events.appendMany(events);
    } catch (error) {
      throw new EventNotWrittenError({ done, path: this.#eventsPath, events, receipt }, error);
    }
    return receipt;
  }

  async checkGraph(id: string, dependencies: readonly string[], ids: readonly string[]): Promise<void> {
    for (const each of dependencies) requireIndexed({ all_ids: ids }, each, `make ${id} wait for`);
    const issues = await Promise.all(ids.map((each) => this.readIfThere(each)));
    const edges = new Map(
      issues.flatMap((issue) => (issue === undefined ? [] : [[issue.id, issue.dependencies]])),
    );
    edges.set(id, dependencies);
    const cycle = findCycle([id], (each) => edges.get(each) ?? []);
    if (cycle !== undefined) throw new DependencyCycleError(cycle, "the repository");
  }

  async blockersOf({ dependencies }: Pick<JitIssue, "dependencies">): Promise<readonly string[]> {
    const others = await Promise.all([...dependencies].map((id) => this.readIfThere(id)));
    return others.flatMap((issue) => (issue === undefined || isSettledIssue(issue) ? [] : [issue.id]));
  }

  /** One issue by its id, or by a beginning of it. Undefined where there is none. */
  async get(id: string): Promise<JitIssue | undefined> {
    const full = await this.resolve(id);
    return full === undefined ? undefined : this.readIfThere(full);
  }

  /** @throws {TaskNotFoundError} there is none. */
  async find(id: string, attempt: string): Promise<JitIssue> {
    const issue = await this.get(id);
    if (issue === undefined) throw notFound(id, attempt);
    return issue;
  }

  /** The full id of an issue that the index knows: for whoever reads the issue later, under its lock. @throws as `find`. */
  async idOf(id: string, attempt: string): Promise<string> {
    const full = await this.resolve(id);
    if (full === undefined) throw notFound(id, attempt);
    return full;
  }

  async resolveAll(ids: readonly string[]): Promise<readonly string[]> {
    return Promise.all(ids.map(async (id) => (await this.resolve(id)) ?? id));
  }

  /** jit's short ids: at least four characters, and no two issues that begin with them. */
  async resolve(id: string): Promise<string | undefined> {
    if (typeof id !== "string") throw new TypeError("id must be a string");
    const { all_ids: ids } = await this.index.read();
    if (ids.includes(id)) return id;
    const start = id.toLowerCase();
    if (start.length < 4) return undefined;
    const found = ids.filter((each) => each.startsWith(start) || each.replaceAll("-", "").startsWith(start));
    if (found.length > 1)
      throw new TaskFormatError(
        `The short id ${id}`,
        `stands for ${found.length} issues: ${found.slice(0, 3).join(", ")}`,
      );
    return found[0];
  }

  async readIfThere(id: string): Promise<JitIssue | undefined> {
    try {
      return (await this.document(id).read()) as JitIssue;
    } catch (error) {
      if (isMissing(error)) return undefined; // deleted since the index was read
      throw error;
    }
  }
}

/** Whether a file was not there. */
export function isMissing(error: unknown): boolean {
  return (error as { osCode?: unknown }).osCode === "ENOENT";
}

export function notFound(id: string, attempt: string): TaskNotFoundError {
  return new TaskNotFoundError(`${attempt} issue ${id}`, id, "the repository");
}

/** @throws {TaskNotFoundError} the index does not know it. */
export function requireIndexed(
  { all_ids: ids }: Pick<JitIndex, "all_ids"> | { readonly all_ids: readonly string[] },
  id: string,
  attempt: string,
): void {
  if (!ids.includes(id)) throw notFound(id, attempt);
}

/** The bounds of a call; jit's own where it names none. */
export function waitOf({ timeoutMs, signal }: WaitOptions = {}): WaitOptions {
  return { timeoutMs: timeoutMs ?? jitTimeoutMs(), signal };
}
