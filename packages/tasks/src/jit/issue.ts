/** The files of a jit repository. Fields that are not listed here are kept. Instants are ISO 8601. */
import { inWords } from "../in-words.ts";
import type { JitChecker } from "./checker.ts";

export type JitState = "backlog" | "ready" | "in_progress" | "gated" | "done" | "rejected" | "archived";

export type JitPriority = "low" | "normal" | "high" | "critical";

/** One file of a repository: `.jit/issues/<uuid>.json`. */
export interface JitIssue {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly state: JitState;
  readonly priority: JitPriority;
  /** `type:id`. */
  readonly assignee: string | null;
  readonly dependencies: readonly string[];
  readonly gates_required: readonly string[];
  readonly gates_status: Readonly<Record<string, JitGateStatus>>;
  readonly context: Readonly<Record<string, string>>;
  readonly documents: readonly JitDocument[];
  /** `namespace:value`. */
  readonly labels: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
}

export interface JitGateStatus {
  readonly status: "pending" | "passed" | "failed";
  readonly updated_by: string | null;
  readonly updated_at: string;
}

export interface JitDocument {
  readonly path: string;
  readonly commit: string | null;
  readonly label: string | null;
  readonly doc_type: string | null;
}

/** What an issue may be given. */
export type JitFields = Partial<
  Pick<
    JitIssue,
    | "title"
    | "description"
    | "state"
    | "priority"
    | "assignee"
    | "dependencies"
    | "gates_required"
    | "context"
    | "documents"
    | "labels"
  >
>;

/** Fields to set, or what makes them of the issue as it is, under its lock. It may throw; then nothing is changed. */
export type JitChanges = JitFields | ((issue: JitIssue) => JitFields);

export interface NewJitIssue extends JitFields {
  readonly title: string;
}

/** Which issues are wanted: those that match all that is given. */
export interface JitFilter {
  readonly state?: JitState | readonly JitState[] | undefined;
  readonly priority?: JitPriority | readonly JitPriority[] | undefined;
  readonly assignee?: string | null | undefined;
  readonly label?: string | undefined;
  /** Found in the title or the description, whatever its case. */
  readonly text?: string | undefined;
}

/** A gate of `.jit/gates.json`: what must be passed before an issue is done. */
export interface JitGate {
  readonly version: number;
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly stage: "precheck" | "postcheck";
  readonly mode: "manual" | "auto";
  readonly checker?: JitChecker | undefined;
  /** Checkers are run in this order, the lowest first. Default 100. */
  readonly priority?: number | undefined;
}

/** A line of `.jit/events.jsonl`. */
export interface JitEvent {
  readonly type: string;
  readonly id: string;
  readonly issue_id?: string | undefined;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** `.jit/index.json`. */
export interface JitIndex {
  schema_version: number;
  all_ids: string[];
  deleted_ids: string[];
}

export const states: readonly JitState[] = [
  "backlog",
  "ready",
  "in_progress",
  "gated",
  "done",
  "rejected",
  "archived",
];
export const priorities: readonly JitPriority[] = ["low", "normal", "high", "critical"];
const settled: readonly string[] = ["done", "rejected", "archived"];

/** Whether an issue holds nothing back any more. */
export function isSettledIssue({ state }: Pick<JitIssue, "state">): boolean {
  return settled.includes(state);
}

const ranks: Readonly<Record<string, number>> = { critical: 0, high: 1, normal: 2, low: 3 };

/** 0 for the most urgent. A priority that is missing or unknown counts as normal. */
export function rankOfIssue({ priority }: Pick<JitIssue, "priority">): number {
  const known: unknown = priority; // another program may have written anything
  return typeof known === "string" && Object.hasOwn(ranks, known) ? (ranks[known] ?? 2) : 2;
}

export function filterIssues(issues: readonly JitIssue[], filter: JitFilter = {}): readonly JitIssue[] {
  const wantedStates = filter.state === undefined ? undefined : [filter.state].flat();
  const priorities = filter.priority === undefined ? undefined : [filter.priority].flat();
  const text = filter.text?.toLowerCase();
  return issues.filter(
    (issue) =>
      (wantedStates?.includes(issue.state) ?? true) &&
      (priorities?.includes(issue.priority) ?? true) &&
      (filter.assignee === undefined || issue.assignee === filter.assignee) &&
      (filter.label === undefined || (issue.labels ?? []).includes(filter.label)) &&
      (text === undefined ||
        `${issue.title}\n${inWords(issue.description ?? "")}`.toLowerCase().includes(text)),
  );
}

/** Whether jit would take it for an agent: `type:id`. */
export function isAgent(agent: unknown): agent is string {
  return typeof agent === "string" && /^[^:\s]+:\S+$/.test(agent);
}

/** @throws {TypeError} it is no agent's name. */
export function checkAgent(name: string, agent: unknown): string {
  if (isAgent(agent)) return agent;
  throw new TypeError(`${name} must be type:id, such as agent:worker-1, got ${JSON.stringify(agent)}`);
}
