import type { StoreEntry, StoreLog } from "@flockwork/core";
import { foldEntries, oneLineEach } from "./fold-entries.ts";
import type { IssueRecord } from "./issue-line.ts";
import type { Changed, Work, WriteOptions } from "./issue-log.ts";
import { IssuesDraft, type ChangedIssue } from "./issues-draft.ts";
import type { Issue } from "./issue.ts";

/** As `rewrite` of a log. */
export type RewriteLog = (
  rewrite: Parameters<StoreLog<IssueRecord>["rewrite"]>[0],
  options: WriteOptions,
) => ReturnType<StoreLog<IssueRecord>["rewrite"]>;

interface Job {
  readonly work: Work<unknown>;
  readonly options: WriteOptions;
  readonly resolve: (changed: Changed<unknown>) => void;
  readonly reject: (reason: unknown) => void;
}

/** Changes that write the whole file: those that come while one is being written are written together by the next. */
export class IssueRewrites {
  readonly #rewrite: RewriteLog;
  #waiting: Job[] = [];
  #running = false;

  constructor(rewrite: RewriteLog) {
    this.#rewrite = rewrite;
  }

  submit<R>(work: Work<R>, options: WriteOptions): Promise<Changed<R>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ work, options, resolve: resolve as Job["resolve"], reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#write(this.#takeAlike());
    this.#running = false;
  }

  /** Those that may share a write: under the same lease, with the same bounds. */
  #takeAlike(): readonly Job[] {
    const [first] = this.#waiting;
    const alike = ({ options }: Job): boolean =>
      (["fence", "signal", "timeoutMs", "durability"] as const).every(
        (key) => options[key] === first?.options[key],
      );
    const taken = this.#waiting.filter(alike);
    this.#waiting = this.#waiting.filter((job) => !alike(job));
    return taken;
  }

  async #write(jobs: readonly Job[]): Promise<void> {
    const results = new Map<Job, { readonly value: unknown; readonly changed: readonly ChangedIssue[] }>();
    try {
      const receipt = await this.#rewrite((entries) => {
        results.clear();
        return this.#apply(entries, jobs, results) as never;
      }, jobs[0]?.options ?? {});
      for (const [job, result] of results) job.resolve({ ...result, receipt });
    } catch (error) {
      for (const job of jobs) job.reject(error); // those that failed by themselves have been rejected already
    }
  }

  #apply(
    entries: readonly StoreEntry<IssueRecord>[],
    jobs: readonly Job[],
    results: Map<Job, { readonly value: unknown; readonly changed: readonly ChangedIssue[] }>,
  ): readonly unknown[] {
    const state = foldEntries(entries);
    const all = new Map<string, ChangedIssue>();
    const issues = new Map<string, Issue>(state.issues);
    const source = {
      issues,
      get: (id: string) => all.get(id)?.issue ?? state.get(id),
      textOf: (id: string) => all.get(id)?.text ?? state.textOf(id),
    };
    for (const job of jobs) {
      const draft = new IssuesDraft(source);
      try {
        results.set(job, { value: job.work(draft), changed: [...draft.changed.values()] });
      } catch (error) {
        job.reject(error);
        continue;
      }
      for (const [id, changed] of draft.changed) {
        all.set(id, changed);
        issues.set(id, changed.issue);
      }
    }
    return all.size === 0 ? entries : oneLineEach(entries, all, true);
  }
}
