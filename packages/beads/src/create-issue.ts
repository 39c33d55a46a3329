import { addIssue, existing } from "./change-issue.ts";
import { BeadInvalidError } from "./errors.ts";
import { instantToNs } from "./instant.ts";
import { childId, freeHashId, parentOf } from "./issue-id.ts";
import type { Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";

/** What a new issue is to be. */
export type NewIssue = Partial<Omit<KnownFields, "id" | "title">> & {
  readonly title: string;
  /** Default: a hash id that nobody has; `<parent>.<n>` for a child. */
  readonly id?: string | undefined;
  /** The issue it is a part of: its id is derived from the parent's, and a `parent-child` dependency is added. */
  readonly parent?: string | undefined;
  /** What stands before the dash of the id. Default: that of the repository. Passing issues get `-wisp` behind it. */
  readonly prefix?: string | undefined;
};

/** The fields of an issue that have names. */
type KnownFields = {
  [K in keyof Issue as string extends K ? never : number extends K ? never : K]: Issue[K];
};

/** How ids are given. */
export interface CreateContext {
  readonly prefix: string;
  readonly nowMs: number;
  /** Makes creations of one millisecond differ. */
  readonly nextNs: () => bigint;
}

const defaultPriority = 2;

/**
 * Adds a new issue: with its id, its times, priority 2, type `task` and status `open` where nothing else is said.
 *
 * @throws {BeadNotFoundError} the parent does not exist. {@link BeadExistsError} the id is taken.
 * @throws {DependencyCycleError} its dependencies would close a circle.
 * @throws {BeadInvalidError} it breaks a rule of the format. Nothing is added.
 */
export function createIssue(draft: IssuesDraft, wanted: NewIssue, context: CreateContext): Issue {
  const { parent, prefix: _, id: wantedId, ...fields } = wanted;
  const now = new Date(context.nowMs).toISOString();
  const createdAt = fields.created_at ?? now;
  const base = {
    status: "open",
    priority: defaultPriority,
    issue_type: "task",
    created_at: createdAt,
    updated_at: fields.updated_at ?? createdAt,
    ...definedOf(fields),
  };
  const id = wantedId ?? newId(draft, wanted, createdAt, context);
  const dependencies = fields.dependencies?.map((dependency) => ({ ...dependency, issue_id: id })) ?? [];
  if (parent !== undefined)
    dependencies.push({ issue_id: id, depends_on_id: parent, type: "parent-child", created_at: createdAt });
  const closed = base.status === "closed" && base.closed_at === undefined;
  return addIssue(draft, {
    ...base,
    id,
    title: wanted.title,
    ...(closed && { closed_at: createdAt }),
    ...(dependencies.length > 0 && { dependencies }),
  } as Issue);
}

function newId(draft: IssuesDraft, wanted: NewIssue, createdAt: string, context: CreateContext): string {
  const { parent } = wanted;
  if (parent !== undefined) {
    existing(draft, parent, "create a child of");
    try {
      return childId(parent, lastChild(draft, parent) + 1);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new BeadInvalidError(undefined, [{ message: error.message, path: ["parent"] }]);
    }
  }
  const given: unknown = wanted.prefix ?? context.prefix;
  if (typeof given !== "string") throw new TypeError(`prefix must be a string, got ${typeof given}`);
  const prefix = `${given}${wanted.ephemeral === true ? "-wisp" : ""}`;
  const source = {
    title: wanted.title,
    description: wanted.description ?? "",
    creator: wanted.created_by ?? "",
    createdNs: (instantToNs(createdAt) ?? BigInt(Math.floor(context.nowMs)) * 1_000_000n) + context.nextNs(),
  };
  // Children count too: ids become longer a little earlier than they must.
  return freeHashId(prefix, source, draft.issues.size, (id) => draft.get(id) !== undefined);
}

/** Ids are never given twice: tombstones count. */
function lastChild(draft: IssuesDraft, parent: string): number {
  let last = 0;
  const start = `${parent}.`;
  for (const id of draft.issues.keys()) {
    if (!id.startsWith(start)) continue;
    const child = parentOf(id);
    if (child?.parent === parent) last = Math.max(last, child.number);
  }
  return last;
}

function definedOf<T extends object>(fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;
}
