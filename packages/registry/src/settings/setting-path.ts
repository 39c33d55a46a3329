import { checkKey } from "../arguments.ts";
import { SettingPathError } from "../errors.ts";
import { isObject } from "../json-checks.ts";

/** Keys from the top, joined by dots, or one by one. */
export type SettingPath = string | readonly string[];

/** @throws {TypeError} no path. */
export function toPath(path: SettingPath): readonly string[] {
  const keys = typeof path === "string" ? path.split(".") : path;
  if (!Array.isArray(keys) || keys.length === 0)
    throw new TypeError("path must be a string, or an array of keys");
  return keys.map((key) => checkKey("a key of path", key));
}

/** What stands there. Undefined where the path ends early. */
export function readPath(root: unknown, keys: readonly string[]): unknown {
  let value = root;
  for (const key of keys) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

/** @throws {SettingPathError} it leads through something that is no object. */
export function setPath(root: object, keys: readonly string[], value: unknown, document: string): void {
  const parent = parentOf(root, keys, document, true) as Record<string, unknown>;
  parent[keys.at(-1) ?? ""] = value;
}

/** Whether something was there. @throws {SettingPathError} as `setPath`. */
export function unsetPath(root: object, keys: readonly string[], document: string): boolean {
  const parent = parentOf(root, keys, document, false);
  const key = keys.at(-1) ?? "";
  if (parent === undefined || !Object.hasOwn(parent, key)) return false;
  delete parent[key];
  return true;
}

function parentOf(
  root: object,
  keys: readonly string[],
  document: string,
  make: boolean,
): Record<string, unknown> | undefined {
  if (!isObject(root))
    throw new SettingPathError(document, keys.join("."), "the whole document", describe(root));
  let parent = root as Record<string, unknown>;
  for (const [at, key] of keys.slice(0, -1).entries()) {
    if (!Object.hasOwn(parent, key)) {
      if (!make) return undefined;
      parent[key] = {};
    }
    const next = parent[key];
    if (!isObject(next))
      throw new SettingPathError(document, keys.join("."), keys.slice(0, at + 1).join("."), describe(next));
    parent = next as Record<string, unknown>;
  }
  return parent;
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}
