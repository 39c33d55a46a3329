import { isFailed, isFinished } from "./issue-status.ts";
import type { Dependency, Issue } from "./issue.ts";

/** Issues by id. */
export type IssueMap = ReadonlyMap<string, Issue>;

/** The dependency types that decide what can be worked on. */
export const blockingTypes: ReadonlySet<string> = new Set([
  "blocks",
  "parent-child",
  "conditional-blocks",
  "waits-for",
]);

/** Why an issue cannot be worked on. */
export interface Blocker {
  /** What it waits for: an issue, or what `external:` names in another repository. */
  readonly id: string;
  readonly type: string;
  /** In a sentence. */
  readonly why: string;
}

/**
 * Who waits for whom. Made for one state of the issues; what it works out it remembers.
 *
 * An issue is blocked while one of these holds, as in bd: something it depends on by `blocks` is not finished (`external:…`
 * never is, as far as we know); by `conditional-blocks`, is not finished or was closed without failing; by `waits-for`, has a
 * child that is not finished (or, with the gate `any-children`, has none that is); by `parent-child`, is itself blocked.
 * A dependency on an issue that does not exist blocks nothing; `doctor` reports it.
 */
export class IssueGraph {
  readonly #issues: IssueMap;
  readonly #unfinished: IssueMap | undefined;
  readonly #blocked = new Map<Issue, boolean>();
  #children: ReadonlyMap<string, readonly Issue[]> | undefined;

  /** @param unfinished - Those of `issues` that are neither closed nor deleted, where they are known. */
  constructor(issues: IssueMap, unfinished?: IssueMap) {
    this.#issues = issues;
    this.#unfinished = unfinished;
  }

  /** Forgets what was worked out about an issue, after it or something it depends on changed. */
  forget(issue: Issue): void {
    this.#blocked.delete(issue);
    this.#children = undefined;
  }

  /** Whether an issue must wait, for itself or for one above it. */
  isBlocked(issue: Issue): boolean {
    const { dependencies } = issue;
    if (dependencies === undefined || dependencies === null || dependencies.length === 0) return false;
    const known = this.#blocked.get(issue);
    if (known !== undefined) return known;
    let parents = 0;
    for (const each of dependencies) {
      if (each.type === "parent-child") parents += 1;
      else if (this.#holds(each) !== undefined) {
        this.#blocked.set(issue, true);
        return true;
      }
    }
    return parents > 0 && this.#isBlockedAbove(issue);
  }

  #isBlockedAbove(issue: Issue): boolean {
    // Up from the issue, with a stack of its own: a chain of parents may be as long as the file.
    const cameFrom = new Map<Issue, Issue | undefined>([[issue, undefined]]);
    const pending = [issue];
    for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
      const known = this.#blocked.get(each);
      if (known === false) continue;
      if (known === true || this.#waitsItself(each)) {
        for (let below: Issue | undefined = each; below !== undefined; below = cameFrom.get(below))
          this.#blocked.set(below, true);
        return true;
      }
      for (const { type, depends_on_id: target } of each.dependencies ?? []) {
        const parent = type === "parent-child" ? this.#issues.get(target) : undefined;
        if (parent === undefined || cameFrom.has(parent)) continue;
        cameFrom.set(parent, each);
        pending.push(parent);
      }
    }
    for (const each of cameFrom.keys()) this.#blocked.set(each, false);
    return false;
  }

  #waitsItself({ dependencies }: Issue): boolean {
    return (
      dependencies?.some((each) => each.type !== "parent-child" && this.#holds(each) !== undefined) === true
    );
  }

  /** What an issue waits for, one by one. */
  blockersOf(issue: Issue): readonly Blocker[] {
    return (issue.dependencies ?? []).flatMap((dependency) => {
      const why = this.#holds(dependency);
      return why === undefined ? [] : [{ id: dependency.depends_on_id, type: dependency.type, why }];
    });
  }

  /** The issues that name this one as their parent. */
  childrenOf(id: string): readonly Issue[] {
    this.#children ??= childrenByParent(this.#issues);
    return this.#children.get(id) ?? [];
  }

  /** Why a dependency blocks; undefined when it does not. */
  #holds(dependency: Dependency): string | undefined {
    const target = dependency.depends_on_id;
    switch (dependency.type) {
      case "blocks":
        if (target.startsWith("external:")) return "it lies in another repository";
        return this.#isPending(target) ? "it is not finished" : undefined;
      case "conditional-blocks": {
        if (this.#isPending(target)) return "it is not finished";
        const issue = this.#issues.get(target);
        if (issue?.status !== "closed" || isFailed(issue)) return undefined;
        return "it succeeded, and this is only to be done if it fails";
      }
      case "waits-for":
        return this.#gateHolds(dependency);
      case "parent-child": {
        const parent = this.#issues.get(target);
        return parent !== undefined && this.isBlocked(parent) ? "it is blocked itself" : undefined;
      }
      default:
        return undefined;
    }
  }

  /** Pinned issues are never finished and never waited for. */
  #isPending(id: string): boolean {
    const issue = (this.#unfinished ?? this.#issues).get(id);
    return issue !== undefined && !isFinished(issue) && issue.status !== "pinned";
  }

  #gateHolds({ depends_on_id: target, metadata }: Dependency): string | undefined {
    const { gate, spawner_id: spawner } = gateOf(metadata);
    const children = this.childrenOf(spawner ?? target);
    if (gate === "any-children")
      return children.some(isFinished) ? undefined : "none of its children is finished";
    return children.every(isFinished) ? undefined : "not all of its children are finished";
  }
}

function gateOf(metadata: string | undefined): { readonly gate?: string; readonly spawner_id?: string } {
  if (metadata === undefined || metadata === "" || metadata === "{}") return {};
  try {
    const { gate, spawner_id: spawner } = JSON.parse(metadata) as { gate?: unknown; spawner_id?: unknown };
    return {
      ...(typeof gate === "string" && { gate }),
      ...(typeof spawner === "string" && spawner !== "" && { spawner_id: spawner }),
    };
  } catch {
    return {}; // as bd: what is no JSON says nothing
  }
}

function childrenByParent(issues: IssueMap): ReadonlyMap<string, readonly Issue[]> {
  const children = new Map<string, Issue[]>();
  for (const issue of issues.values()) {
    for (const { type, depends_on_id: parent } of issue.dependencies ?? []) {
      if (type !== "parent-child") continue;
      const siblings = children.get(parent);
      if (siblings === undefined) children.set(parent, [issue]);
      else siblings.push(issue);
    }
  }
  return children;
}
