/** What jit can read. It reads a whole file, or none of it: one wrong field of ours would close it to jit's own programs. */
import { isObject } from "./files.ts";
import { checkAgent, isAgent, priorities, states, type JitFields } from "./issue.ts";

/** What a call may set; the rest is the repository's own: ids, instants, and how gates stand. */
const settable: readonly string[] = [
  "title",
  "description",
  "state",
  "priority",
  "assignee",
  "dependencies",
  "gates_required",
  "context",
  "documents",
  "labels",
];

/** @throws {TypeError} naming one that cannot be set. */
export function checkSettable(names: readonly string[]): void {
  for (const name of names)
    if (!settable.includes(name))
      throw new TypeError(`${name} is no field that can be set: ${settable.join(", ")} are`);
}

/** @throws {TypeError} naming the field that jit could not read. */
export function checkFields(fields: JitFields): void {
  if (!isObject(fields)) throw new TypeError("the fields of an issue must be an object");
  const { title, description, state, priority, assignee, context, documents } = fields;
  for (const [name, text] of Object.entries({ title, description }))
    if (text !== undefined && typeof text !== "string") throw new TypeError(`${name} must be a string`);
  if (state !== undefined && !states.includes(state))
    throw new TypeError(`state must be one of ${states.join(", ")}`);
  if (priority !== undefined && !priorities.includes(priority))
    throw new TypeError(`priority must be one of ${priorities.join(", ")}`);
  if (assignee !== undefined && assignee !== null) checkAgent("assignee", assignee);
  const { labels, dependencies, gates_required: gates } = fields;
  for (const [name, list] of Object.entries({ labels, dependencies, gates_required: gates }))
    if (list !== undefined && !isListOf(list, (each) => typeof each === "string"))
      throw new TypeError(`${name} must be a list of strings`);
  const isText = (value: unknown): boolean => typeof value === "string";
  if (context !== undefined && !(isObject(context) && Object.values(context).every(isText)))
    throw new TypeError("context must be an object of strings");
  if (documents !== undefined && !isListOf(documents, (each) => isObject(each) && isText(each["path"])))
    throw new TypeError("documents must be a list of objects with a path");
}

type Kind = "text" | "texts" | "agent" | "agent?" | "count" | "state" | "priority";

const gate = { issue_id: "text", gate_key: "text" } as const;
const blocked = { issue_id: "text", target: "state", rule: "text" } as const;

/** jit's events, and what each has beside `type`, `id` and `timestamp`. */
const events: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  issue_created: { issue_id: "text", title: "text", priority: "priority" },
  issue_claimed: { issue_id: "text", assignee: "agent" },
  issue_state_changed: { issue_id: "text", from: "state", to: "state" },
  gate_passed: { ...gate, updated_by: "agent?" },
  gate_failed: { ...gate, updated_by: "agent?" },
  gate_added: gate,
  gate_removed: gate,
  issue_completed: { issue_id: "text" },
  issue_deleted: { issue_id: "text" },
  issue_released: { issue_id: "text", assignee: "agent", reason: "text" },
  document_archived: { source: "text", destination: "text", category: "text", issues_updated: "count" },
  issue_updated: { issue_id: "text", updated_by: "text", fields: "texts" },
  dependency_reduced: { issue_id: "text", old_count: "count", new_count: "count", removed_deps: "texts" },
  local_rule_bypassed: { issue_id: "text", rule: "text" },
  transition_blocked: blocked,
  graph_rule_bypassed: blocked,
  gate_definition_updated: { gate_key: "text" },
};

/** @throws {TypeError} jit knows no such event, or could not read this one: then it could read none any more. */
export function checkEvent(type: string, fields: Readonly<Record<string, unknown>>): void {
  const expected = Object.hasOwn(events, type) ? events[type] : undefined;
  if (expected === undefined)
    throw new TypeError(`type must be one of jit's events (${Object.keys(events).join(", ")}), got ${type}`);
  for (const [name, kind] of Object.entries(expected))
    if (!isOf(kind, fields[name])) throw new TypeError(`${name} of ${type} must be ${words[kind]}`);
  for (const name of ["type", "id", "timestamp"])
    if (Object.hasOwn(fields, name)) throw new TypeError(`${name} of an event cannot be given`);
}

const words: Readonly<Record<Kind, string>> = {
  text: "a string",
  texts: "a list of strings",
  agent: "type:id",
  "agent?": "type:id or null",
  count: "a whole number",
  state: `one of ${states.join(", ")}`,
  priority: `one of ${priorities.join(", ")}`,
};

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "texts") return isListOf(value, (each) => typeof each === "string");
  if (kind === "count") return Number.isSafeInteger(value) && Number(value) >= 0;
  if (kind === "state") return states.some((state) => state === value);
  if (kind === "priority") return priorities.some((priority) => priority === value);
  if (kind === "agent?" && value === null) return true;
  return isAgent(value);
}

function isListOf(list: unknown, holds: (each: unknown) => boolean): boolean {
  return Array.isArray(list) && list.every(holds);
}
