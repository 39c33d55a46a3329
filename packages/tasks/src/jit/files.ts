/** Where the files of a jit repository lie, how each is locked, and what makes it jit's. */
import { execFileSync } from "node:child_process";
import { dirname, isAbsolute, join, resolve } from "node:path";
import {
  DocumentCorruptError,
  DocumentInvalidError,
  fileStore,
  jit,
  type DocumentSpec,
  type FlockLegPlan,
  type LockLayout,
  type Store,
  type StoreDocument,
} from "@flockwork/core";
import type { JitGate, JitIndex, JitIssue } from "./issue.ts";

/** jit's own three hints. */
const hints = [
  "This usually means another jit process is running. Try:",
  "(1) Wait a few seconds and retry.",
  "(2) Check for stuck processes: ps aux | grep jit.",
  "(3) Increase timeout: JIT_LOCK_TIMEOUT=10.",
];

/** jit's locks, as core has them, with jit's own hints. An issue's own lock comes after the index's. */
export const jitLayout: LockLayout = {
  name: "jit",
  dynamic: true,
  locate: (target) => ({ ...jit.locate(target), hints }),
};

/** The lock of one issue alone: for whoever holds the index already. */
const issueLayout: LockLayout = {
  name: "jit issue",
  dynamic: true,
  locate: (target) => {
    const plan = jit.locate(target);
    const own = plan.legs.at(-1);
    return { ...plan, hints, legs: [own?.kind === "flock" ? own : plan.legs[0]] };
  },
};

/** The lock of files that jit writes without one: `.<name>.lock`, in the directory above theirs. */
export function ownLayout(name: string, levels: 1 | 2): LockLayout {
  const leg = (target: string): FlockLegPlan => {
    const above = dirname(dirname(target));
    return {
      kind: "flock",
      path: join(levels === 1 ? above : dirname(above), `.${name}.lock`),
      fileMode: 0o644,
    };
  };
  return { name: `jit ${name}`, locate: (target) => ({ legs: [leg(target)], hints }) };
}

/** Writes what says nothing of yesterday: whatever lies there, half a file that a crash left too, gives way. */
export async function overwrite<T>(document: StoreDocument<T>, value: T): Promise<string> {
  try {
    return (await document.write(value)).revision;
  } catch (error) {
    if (!(error instanceof DocumentCorruptError || error instanceof DocumentInvalidError)) throw error;
    await document.remove();
    return (await document.write(value)).revision;
  }
}

/** Milliseconds that jit waits for a lock: `JIT_LOCK_TIMEOUT` seconds, or five. */
export function jitTimeoutMs(): number {
  return jit.locate("/index.json").timeoutMs ?? 5_000;
}

/** jit ends no file that it writes whole in a line feed. */
export const jitText = { finalNewline: false } as const;

/** The names of a repository's data. */
export const names = {
  index: "index.json",
  gates: "gates.json",
  events: "events.jsonl",
  issue: (id: string): string => `issues/${id}.json`,
} as const;

/** Where a repository's data lies: `.jit` of the project, or `JIT_DATA_DIR`. */
export function dataDirectory(project: string): string {
  const named = process.env["JIT_DATA_DIR"];
  if (named === undefined || named === "") return join(project, ".jit");
  return isAbsolute(named) ? named : resolve(project, named);
}

/** Where claims lie, shared by all worktrees: `jit` in git's common directory; the data directory where there is no git. */
export function claimsDirectory(project: string): string {
  const common = git(project, "rev-parse", "--git-common-dir");
  return common === undefined ? dataDirectory(project) : join(resolve(project, common), "jit");
}

/** The branch that is checked out; `main` where that cannot be told. */
export function currentBranch(project: string): string {
  return git(project, "symbolic-ref", "--short", "HEAD") ?? "main";
}

/** What a run was made on, as jit notes it. Nothing where there is no git. */
export function checkedOut(directory: string): {
  readonly commit: string | null;
  readonly branch: string | null;
} {
  const commit = git(directory, "rev-parse", "HEAD") ?? null;
  return { commit, branch: git(directory, "rev-parse", "--abbrev-ref", "HEAD") ?? null };
}

function git(project: string, ...args: readonly string[]): string | undefined {
  try {
    const answer = execFileSync("git", args, {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return answer.trim() || undefined;
  } catch {
    return undefined; // no git, or no repository
  }
}

export function storeOf(directory: string): Store {
  return fileStore(directory);
}

export function indexOf(store: Store): StoreDocument<JitIndex> {
  return store.document<JitIndex>({
    name: names.index,
    ...jitText,
    layout: jitLayout,
    defaults: () => ({ schema_version: 2, all_ids: [], deleted_ids: [] }),
    schema: schemaOf<JitIndex>(
      "an index of jit: all_ids must be a list of ids, and deleted_ids, too, where it is",
      ({ all_ids: all, deleted_ids: deleted }) =>
        isListOfStrings(all) && (deleted === undefined || deleted === null || isListOfStrings(deleted)),
    ),
  });
}

export function issueOf(store: Store, id: string): StoreDocument<JitIssue> {
  return store.document<JitIssue>({
    name: names.issue(id),
    ...jitText,
    layout: issueLayout,
    schema: issueSchema,
    merge: "overwrite",
  });
}

export function gatesOf(store: Store): StoreDocument<{ gates: Record<string, JitGate> }> {
  return store.document<{ gates: Record<string, JitGate> }>({
    name: names.gates,
    ...jitText,
    layout: jitLayout,
    defaults: () => ({ gates: {} }),
    schema: schemaOf(
      "jit's gates: gates must be an object of objects",
      ({ gates }) => isObject(gates) && Object.values(gates).every(isObject),
    ),
  });
}

const issueSchema = schemaOf<JitIssue>(
  "an issue of jit: id, title and state must be texts, dependencies and gates_required lists, gates_status an object",
  (value) =>
    ["id", "title", "state"].every((name) => typeof value[name] === "string") &&
    isListOfStrings(value["dependencies"]) &&
    isListOfStrings(value["gates_required"]) &&
    isObject(value["gates_status"] ?? {}) &&
    (value["labels"] === undefined || isListOfStrings(value["labels"])),
);

export function schemaOf<T>(
  what: string,
  holds: (value: Readonly<Record<string, unknown>>) => boolean,
): NonNullable<DocumentSpec<T>["schema"]> {
  return {
    "~standard": {
      version: 1,
      vendor: "flockwork",
      validate: (value) =>
        isObject(value) && holds(value)
          ? { value: value as T }
          : { issues: [{ message: `not ${what}`, path: [] }] },
    },
  };
}

function isListOfStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
