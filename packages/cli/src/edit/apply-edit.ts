import type { Edit, Step } from "./parse-edit.ts";

/** An edit that does not fit the document. Nothing was written. */
export class EditError extends Error {}

type Container = Record<string, unknown> | unknown[];

/** Changes `holder.root` in place. @throws {EditError} */
export function applyEdits(holder: { root: unknown }, edits: readonly Edit[]): void {
  for (const edit of edits) applyEdit(holder, edit);
}

function applyEdit(holder: { root: unknown }, edit: Edit): void {
  const path: readonly Step[] = ["root", ...edit.path];
  const last = path.at(-1) ?? "root";
  let at: Container = holder as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const inside = get(at, step, edit.path);
    if (inside === undefined || inside === null) {
      if (edit.kind === "delete") return;
      at = put(at, step, {}, edit.path);
    } else if (typeof inside === "object") at = inside as Container;
    else throw new EditError(`${shown(edit.path)} leads through a ${typeof inside}`);
  }
  if (edit.kind === "delete") return remove(at, last, edit.path);
  const before = get(at, last, edit.path);
  if (edit.kind === "default" && before !== undefined && before !== null) return;
  put(
    at,
    last,
    edit.kind === "add" || edit.kind === "subtract" ? combine(before, edit) : edit.value,
    edit.path,
  );
}

function get(container: Container, step: Step, path: readonly Step[]): unknown {
  if (Array.isArray(container)) return container[indexIn(container, step, path)];
  return Object.hasOwn(container, nameOf(step, path)) ? container[nameOf(step, path)] : undefined;
}

function put<T>(container: Container, step: Step, value: T, path: readonly Step[]): T {
  if (Array.isArray(container)) {
    const index = indexIn(container, step, path);
    if (index > container.length)
      throw new EditError(`${shown(path)} lies beyond the end of a list of ${container.length}`);
    container[index] = value;
    return container[index] as T;
  }
  container[nameOf(step, path)] = value;
  return container[nameOf(step, path)] as T;
}

function remove(container: Container, step: Step, path: readonly Step[]): void {
  if (Array.isArray(container)) container.splice(indexIn(container, step, path), 1);
  else delete container[nameOf(step, path)];
}

/** As jq adds: numbers, strings, lists to lists, objects over objects; to what is missing, the value itself. */
function combine(before: unknown, { kind, value, path }: Exclude<Edit, { kind: "delete" }>): unknown {
  if (typeof value === "number" && (before === undefined || before === null || typeof before === "number")) {
    const sum = (before ?? 0) + (kind === "add" ? value : -value);
    if (Number.isSafeInteger(before ?? 0) && Number.isSafeInteger(value) && !Number.isSafeInteger(sum))
      throw new EditError(`${shown(path)} would become larger than whole numbers can be told apart`);
    return sum;
  }
  if (kind === "add") {
    if (before === undefined || before === null) return value;
    if (typeof before === "string" && typeof value === "string") return before + value;
    if (Array.isArray(before) && Array.isArray(value))
      return [...(before as unknown[]), ...(value as unknown[])];
    if (isObject(before) && isObject(value)) return { ...before, ...value };
  }
  throw new EditError(
    `${shown(path)} is ${nounOf(before)}: ${nounOf(value)} cannot be ${kind === "add" ? "added to" : "taken from"} it`,
  );
}

function indexIn(list: readonly unknown[], step: Step, path: readonly Step[]): number {
  if (typeof step !== "number")
    throw new EditError(`${shown(path)}: ${JSON.stringify(step)} is no place in a list`);
  const index = step < 0 ? list.length + step : step;
  if (index < 0) throw new EditError(`${shown(path)} lies before the beginning of a list of ${list.length}`);
  return index;
}

function nameOf(step: Step, path: readonly Step[]): string {
  if (typeof step === "string" && step !== "__proto__") return step;
  throw new EditError(`${shown(path)}: ${JSON.stringify(step)} is no name of a member`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nounOf(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function shown(path: readonly Step[]): string {
  return `.${path
    .map((step) => (typeof step === "number" ? `[${step}]` : step))
    .join(".")
    .replaceAll(".[", "[")}`;
}
