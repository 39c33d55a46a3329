/** What the calls of a repository do to the draft of an issue, and which events tell of it. */
import { randomUUID } from "node:crypto";
import { TaskFormatError, TaskNotFoundError, TaskTransitionError } from "../errors.ts";
import { isEqual } from "../json-equal.ts";
import { checkFields, checkSettable } from "./check-fields.ts";
import {
  checkAgent,
  type JitEvent,
  type JitFields,
  type JitIssue,
  type JitState,
  type NewJitIssue,
} from "./issue.ts";

export type DraftIssue = { -readonly [K in keyof JitIssue]: JitIssue[K] } & Record<string, unknown>;

/** Facts about the rest of the repository that decide whether an issue may move. */
export interface Surroundings {
  readonly now: string;
  /** Ids that the issue waits for and that are not settled. */
  readonly blockers: readonly string[];
  /** Gates that must be passed before it is begun, and are not. */
  readonly prechecks?: readonly string[] | undefined;
  readonly force: boolean;
}

export function newIssue(fields: NewJitIssue, now: string): JitIssue {
  checkFields(fields);
  checkSettable(Object.keys(fields));
  const { title, ...rest } = fields;
  if (typeof title !== "string" || title === "") throw new TypeError("title must be a non-empty string");
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    id: randomUUID(),
    title,
    description: "",
    state: "backlog",
    priority: "normal",
    assignee: null,
    dependencies: [],
    gates_required: [],
    gates_status: {},
    context: {},
    documents: [],
    labels: [],
    ...given,
    created_at: now,
    updated_at: now,
  };
}

/** Sets what differs. @returns The events that tell of it; none, and nothing was changed. @throws {TaskTransitionError} */
export function editIssue(
  issue: DraftIssue,
  fields: JitFields,
  by: string,
  surroundings: Surroundings,
): readonly JitEvent[] {
  checkFields(fields);
  const changed = (Object.keys(fields) as (keyof JitFields)[]).filter(
    (name) => fields[name] !== undefined && !isEqual(issue[name], fields[name]),
  );
  if (changed.length === 0) return [];
  checkSettable(changed); // what is equal may be given: the fields of an issue that was read
  const from = issue.state;
  const to = changed.includes("state") ? (fields.state as JitState) : from;
  if (to !== from) checkMove(issue, to, surroundings);
  for (const name of changed) (issue as Record<string, unknown>)[name] = fields[name];
  issue.updated_at = surroundings.now;
  const others = changed.filter((name) => name !== "state");
  return [
    ...(to === from ? [] : [event("issue_state_changed", issue.id, surroundings.now, { from, to })]),
    ...(to === "done" && from !== "done" ? [event("issue_completed", issue.id, surroundings.now, {})] : []),
    ...(others.length === 0
      ? []
      : [event("issue_updated", issue.id, surroundings.now, { updated_by: by, fields: others })]),
  ];
}

/** Notes how a gate of an issue went. */
export function setGate(
  issue: DraftIssue,
  gate: string,
  status: "passed" | "failed" | "pending",
  by: string | null,
  now: string,
): readonly JitEvent[] {
  checkRequired(issue, gate);
  if (by !== null) checkAgent("by", by);
  issue.gates_status ??= {}; // other programs leave it out
  const all = issue.gates_status as Record<string, unknown>;
  all[gate] = { status, updated_by: by, updated_at: now };
  issue.updated_at = now;
  if (status === "pending") return [];
  return [event(`gate_${status}`, issue.id, now, { gate_key: gate, updated_by: by })];
}

/** @throws {TaskNotFoundError} the issue does not require the gate. {@link TaskFormatError} no object of jit's can have a gate of that name. */
export function checkRequired(
  { id, gates_required: gates }: Pick<JitIssue, "id" | "gates_required">,
  gate: string,
): void {
  if (!gates.includes(gate))
    throw new TaskNotFoundError("note a gate", gate, `gates_required of issue ${id}`, "Require it first.");
  if (gate === "__proto__")
    throw new TaskFormatError(
      `gates_required of issue ${id}`,
      "has the gate __proto__, which cannot be noted: let the issue drop it",
    );
}

/** Gates that an issue requires and has not passed. */
export function openGates(issue: Pick<JitIssue, "gates_required" | "gates_status">): readonly string[] {
  return issue.gates_required.filter((gate) => issue.gates_status?.[gate]?.status !== "passed");
}

export function event(
  type: string,
  issueId: string | undefined,
  timestamp: string,
  rest: Readonly<Record<string, unknown>>,
): JitEvent {
  return {
    type,
    id: randomUUID(),
    ...(issueId === undefined ? {} : { issue_id: issueId }),
    timestamp,
    ...rest,
  };
}

function checkMove(issue: DraftIssue, to: JitState, { blockers, prechecks = [], force }: Surroundings): void {
  if (force) return;
  const refuse = (why: string): never => {
    throw new TaskTransitionError(issue.id, issue.state, to, why);
  };
  if (issue.state === "archived") refuse("it is archived");
  if (["ready", "in_progress", "gated", "done"].includes(to) && blockers.length > 0)
    refuse(`it waits for ${blockers.map((id) => id.slice(0, 8)).join(", ")}`);
  if (to === "in_progress" && prechecks.length > 0)
    refuse(`these gates must be passed before it is begun: ${prechecks.join(", ")}`);
  const open = openGates(issue);
  if (to === "done" && open.length > 0) refuse(`these gates are not passed: ${open.join(", ")}`);
}
