/** What the fields of a task are, checked where programs set them. FlowForge's own calls write whatever a script gives. */
import type { TaskPriority } from "./task.ts";

type Kind = "text" | "texts" | "number" | "object" | "steps" | "priority";
type Given = Readonly<Record<string, unknown>>;

const priorities: readonly TaskPriority[] = ["critical", "high", "medium", "low"];
const kinds: Readonly<Record<string, Kind>> = {
  title: "text",
  description: "text",
  priority: "priority",
  assignee: "text",
  estimatedHours: "number",
  actualHours: "number",
  tags: "texts",
  source: "text",
  githubIssue: "number",
  microtasks: "steps",
  billing: "object",
  milestone: "text",
};
const words: Readonly<Record<Kind, string>> = {
  text: "a string",
  texts: "a list of strings",
  number: "a number",
  object: "an object",
  steps: "a list of texts and objects",
  priority: `one of ${priorities.join(", ")}`,
};

/** @throws {TypeError} they are no object. */
export function checkGiven(fields: unknown): asserts fields is Given {
  if (!isObject(fields)) throw new TypeError("the fields of a task must be an object");
}

/** @throws {TypeError} naming one of these fields that cannot be set to that. Others may hold what JSON can. */
export function checkFields(fields: Given, names: readonly string[] = Object.keys(fields)): void {
  for (const name of names) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind !== undefined && fields[name] !== undefined && !isOf(kind, fields[name]))
      throw new TypeError(`${name} must be ${words[kind]}`);
  }
}

function isOf(kind: Kind, value: unknown): boolean {
  if (kind === "text") return typeof value === "string";
  if (kind === "number") return Number.isFinite(value);
  if (kind === "object") return isObject(value);
  if (kind === "priority") return priorities.some((each) => each === value);
  const isPart = (each: unknown): boolean => typeof each === "string" || (kind === "steps" && isObject(each));
  return Array.isArray(value) && value.every(isPart);
}

export function isObject(value: unknown): value is Given {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
