/** Tasks on their way out to other tools: FlowForge's scripts may have made anything of their fields. */
import type { FlowForgeTask } from "../flowforge/task.ts";
import { inWords } from "../in-words.ts";
import { isEqual } from "../json-equal.ts";
import { isFields, lossesOf, type Loss } from "./exchange.ts";

type Read = (value: unknown) => unknown;

/** What FlowForge means a field to be, read out of whatever stands there. */
const readers: Readonly<Record<string, Read>> = {
  title: inWords,
  description: inWords,
  status: inWords,
  priority: inWords,
  assignee: inWords,
  createdAt: inWords,
  updatedAt: inWords,
  completedAt: inWords,
  milestone: inWords,
  tags: (value) => entriesOf(value).map(inWords),
  dependencies: (value) => entriesOf(value).map(idIn),
  microtasks: (value) => (Array.isArray(value) ? value.map(stepIn) : [inWords(value)]),
};

/** The task with each of these fields as FlowForge means it: what is something else is put in words, and reported. */
export function readable(
  task: FlowForgeTask,
  id: string,
  names: readonly string[],
): { readonly task: FlowForgeTask; readonly losses: readonly Loss[] } {
  const read = Object.fromEntries(
    Object.entries(task).map(([name, value]) => [name, names.includes(name) ? valueIn(name, value) : value]),
  );
  const changed = Object.entries(task).filter(
    ([name, value]) => isThere(value) && !isEqual(value, read[name]),
  );
  return {
    task: read as unknown as FlowForgeTask,
    losses: lossesOf(
      id,
      changed.map(([name]) => name),
      "changed",
      "it is not what FlowForge has there: what it holds goes out in words",
    ),
  };
}

function valueIn(name: string, value: unknown): unknown {
  if (!isThere(value)) return undefined;
  const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
  return read === undefined ? value : read(value);
}

/** A null says no more than a field that is missing. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** What is no list is one entry. */
function entriesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function idIn(value: unknown): number | string {
  return typeof value === "number" ? value : inWords(value);
}

function stepIn(step: unknown): unknown {
  if (!isFields(step)) return inWords(step);
  const said = Object.entries(step).filter(
    ([name, value]) => isThere(value) || !["id", "title"].includes(name),
  );
  return Object.fromEntries(
    said.map(([name, value]) => [
      name,
      name === "id" ? idIn(value) : name === "title" ? inWords(value) : value,
    ]),
  );
}
