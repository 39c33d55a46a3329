/** How issues are changed: what is read, decided and written under which of jit's locks, and the events that tell of it. */
import { CommitUncertainError, type StoreLock, type WaitOptions } from "@flockwork/core";
import { checkFields } from "./check-fields.ts";
import { editIssue, event, newIssue, type DraftIssue } from "./edit-issue.ts";
import type { GateDefinitions } from "./gate-definitions.ts";
import { isMissing, notFound, requireIndexed, waitOf, type IssueFiles } from "./issue-files.ts";
import type { JitChanges, JitEvent, JitFields, JitIssue, NewJitIssue } from "./issue.ts";
import type { JitClaims } from "./jit-claims.ts";
import type { ChangeIssue, ChangeIssueOptions, IssueReceipt } from "./options.ts";

/** What changes need of the repository. */
export interface ChangeSurroundings {
  readonly files: IssueFiles;
  readonly indexLock: StoreLock;
  readonly claims: JitClaims;
  readonly definitions: GateDefinitions;
  /** Who changes issues, for events. */
  readonly agent: string;
}

type Edit = (draft: DraftIssue, ids: readonly string[]) => Promise<readonly JitEvent[]>;

/** The changes of issues. */
export class IssueChanges {
  readonly #of: ChangeSurroundings;

  constructor(surroundings: ChangeSurroundings) {
    this.#of = surroundings;
  }

  /** Changes one issue that needs no look at the others. */
  readonly change: ChangeIssue = async (id, edit, conditions = {}) => {
    const full = await this.#of.files.idOf(id, "update");
    return this.#change(full, (draft) => Promise.resolve(edit(draft)), conditions, "shared");
  };

  async create(fields: NewJitIssue, options: WaitOptions): Promise<IssueReceipt> {
    const { files } = this.#of;
    checkFields(fields);
    const dependencies = await files.resolveAll(fields.dependencies ?? []);
    const issue = newIssue({ ...fields, dependencies }, files.now());
    // First the issue, which nobody knows yet, then the index: what is in the index is there.
    const document = files.document(issue.id);
    await document.write(issue, waitOf(options));
    try {
      await files.index.update((index) => {
        for (const id of dependencies) requireIndexed(index, id, "make an issue wait for");
        index.all_ids.push(issue.id);
      }, waitOf(options));
    } catch (error) {
      if (!(error instanceof CommitUncertainError)) await document.remove().catch(() => undefined);
      throw error;
    }
    const { title, priority, updated_at: at } = issue;
    const created = event("issue_created", issue.id, at, { title, priority });
    return files.tell(`Issue ${issue.id} was created`, [created], { issue, changed: true });
  }

  async update(id: string, changes: JitChanges, options: ChangeIssueOptions): Promise<IssueReceipt> {
    const { files, definitions, agent } = this.#of;
    if (typeof changes !== "function") checkFields(changes);
    const full = await files.idOf(id, "update");
    const { dependencies: ids } = typeof changes === "function" ? {} : changes;
    const dependencies = ids === undefined ? undefined : await files.resolveAll(ids);
    const edit: Edit = async (draft, all) => {
      const fields = typeof changes === "function" ? madeOf(draft, changes) : changes;
      if (dependencies !== undefined) await files.checkGraph(full, dependencies, all);
      const isMove = fields.state !== undefined && fields.state !== draft.state;
      const blockers = isMove ? await files.blockersOf(draft) : [];
      const prechecks = isMove ? await definitions.openPrechecks(draft) : [];
      const { force = false } = options;
      const surroundings = { now: files.now(), blockers, prechecks, force };
      return editIssue(
        draft,
        dependencies === undefined ? fields : { ...fields, dependencies },
        agent,
        surroundings,
      );
    };
    return this.#change(full, edit, options, dependencies === undefined ? "shared" : "exclusive");
  }

  async delete(id: string, options: ChangeIssueOptions): Promise<IssueReceipt> {
    const { files, claims } = this.#of;
    const full = await files.idOf(id, "delete");
    const issue = await files.find(full, "delete");
    const wait = waitOf(options);
    const work = async (): Promise<IssueReceipt> => {
      const now = files.now();
      await files.index.update(async (index) => {
        requireIndexed(index, full, "delete");
        const ids = [...index.all_ids];
        const others = await Promise.all(ids.map((other) => files.readIfThere(other)));
        for (const [at, other] of ids.entries())
          if (others[at]?.dependencies.includes(full) === true)
            await this.#dropDependency(other, full, now, wait);
        index.all_ids = ids.filter((each) => each !== full);
        (index.deleted_ids ??= []).push(full);
      }, wait);
      // The index decides: a file that stays is nobody's issue, as after a crash here. Its lock file stays: somebody may wait on it.
      await files
        .document(full)
        .remove(wait)
        .catch(() => undefined);
      const deleted = event("issue_deleted", full, now, {});
      return files.tell(`Issue ${full} was deleted`, [deleted], { issue, changed: true });
    };
    return claims.guard(full, options, work, wait);
  }

  async addDependency(id: string, on: string, options: ChangeIssueOptions): Promise<IssueReceipt> {
    const { files } = this.#of;
    const [full, other] = [await files.idOf(id, "update"), await files.idOf(on, "wait for")];
    const edit: Edit = async (draft, ids) => {
      const isThere = draft.dependencies.includes(other);
      const dependencies = isThere ? draft.dependencies : [...draft.dependencies, other];
      await files.checkGraph(full, dependencies, ids);
      return this.#link(draft, dependencies);
    };
    return this.#change(full, edit, options, "exclusive");
  }

  async removeDependency(id: string, on: string, options: ChangeIssueOptions): Promise<IssueReceipt> {
    const { files } = this.#of;
    const full = await files.idOf(id, "update");
    const other = (await files.resolve(on)) ?? on;
    const edit: Edit = (draft) =>
      Promise.resolve(
        this.#link(
          draft,
          draft.dependencies.filter((each) => each !== other),
        ),
      );
    return this.#change(full, edit, options, "shared");
  }

  #link(draft: DraftIssue, dependencies: readonly string[]): readonly JitEvent[] {
    const surroundings = { now: this.#of.files.now(), blockers: [], force: true };
    return editIssue(draft, { dependencies }, this.#of.agent, surroundings);
  }

  async #dropDependency(id: string, on: string, now: string, wait: WaitOptions): Promise<void> {
    await this.#of.files.document(id).update((draft) => {
      const dependencies = draft.dependencies.filter((other) => other !== on);
      Object.assign(draft, { dependencies, updated_at: now });
    }, wait);
  }

  /** The whole read-modify-write of one issue: under the index's lock, then its own. */
  async #change(
    id: string,
    edit: Edit,
    options: ChangeIssueOptions,
    mode: "shared" | "exclusive",
  ): Promise<IssueReceipt> {
    const { files, indexLock, claims } = this.#of;
    const wait = waitOf(options);
    const work = async (): Promise<IssueReceipt> => {
      const { all_ids: ids } = await files.index.read();
      requireIndexed({ all_ids: ids }, id, "update");
      let events: readonly JitEvent[] = [];
      const recipe = async (draft: JitIssue): Promise<void> => {
        events = await edit(draft as DraftIssue, ids);
      };
      const { value, changed } = await files
        .document(id)
        .update(recipe, wait)
        .catch((error: unknown) => {
          throw isMissing(error) ? notFound(id, "update") : error;
        });
      return files.tell(`Issue ${id} was changed`, events, { issue: value as JitIssue, changed });
    };
    const locked = (): Promise<IssueReceipt> =>
      mode === "shared" ? indexLock.withRead(work, wait) : indexLock.withWrite(work, wait);
    return claims.guard(id, options, locked, wait);
  }
}

/** What a function makes of an issue as it is. */
function madeOf(draft: DraftIssue, make: (issue: JitIssue) => JitFields): JitFields {
  const fields = make(JSON.parse(JSON.stringify(draft)) as JitIssue);
  if (fields.dependencies !== undefined)
    throw new TypeError(
      "dependencies cannot be made by a function: they need the whole graph. Use addDependency",
    );
  return fields;
}
