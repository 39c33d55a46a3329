/** What exarp can read of a task, checked where it enters: its database would take anything, and keep some of it otherwise. */
import type { Todo2Comment, Todo2Fields, Todo2Priority, Todo2Status } from "./task.ts";

type Kind = "text" | "texts" | "number" | "object" | "status" | "priority";

const statuses: readonly Todo2Status[] = ["Todo", "In Progress", "Review", "Done", "Cancelled", "Blocked"];
const priorities: readonly Todo2Priority[] = ["low", "medium", "high", "critical"];
const commentTypes: readonly Todo2Comment["type"][] = [
  "research_with_links",
  "result",
  "note",
  "manualsetup",
];

/** What a call may set. The rest is the store's own: ids, versions, claims, instants. */
const kinds: Readonly<Record<keyof Todo2Fields, Kind>> = {
  name: "text",
  content: "text",
  long_description: "text",
  status: "status",
  priority: "priority",
  tags: "texts",
  dependencies: "texts",
  estimated_hours: "number",
  actual_hours: "number",
  project_id: "text",
  parent_id: "text",
  assigned_to: "text",
  host: "text",
  agent: "text",
  metadata: "object",
  completed_at: "text",
};
const words: Readonly<Record<Kind, string>> = {
  text: "a string",
  texts: "a list of strings",
  number: "a number",
  object: "an object",
  status: `one of ${statuses.join(", ")}`,
  priority: `one of ${priorities.join(", ")}`,
};
/** What no task of exarp's is without. */
const required: readonly string[] = ["content", "status"];

/** @throws {TypeError} naming the field, of those named, that cannot be set, or not to that. */
export function checkFields(fields: Todo2Fields, names: readonly string[] = Object.keys(fields)): void {
  for (const name of names) {
    if (!Object.hasOwn(kinds, name))
      throw new TypeError(`${name} is no field that can be set: ${Object.keys(kinds).join(", ")} are`);
    const field = name as keyof Todo2Fields;
    const value = fields[field];
    if (value === undefined && !required.includes(name)) continue;
    if (!isOf(kinds[field], value)) throw new TypeError(`${name} must be ${words[kinds[field]]}`);
  }
}

/** @throws {TypeError} exarp knows no such comments. */
export function checkComment(type: unknown, content: unknown): void {
  if (typeof content !== "string" || content === "")
    throw new TypeError("content must be a non-empty string");
  if (!commentTypes.some((each) => each === type))
    throw new TypeError(`type must be one of ${commentTypes.join(", ")}`);
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "texts") return Array.isArray(value) && value.every((each) => typeof each === "string");
  if (kind === "number") return Number.isFinite(value);
  if (kind === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return (kind === "status" ? statuses : priorities).some((each) => each === value);
}
