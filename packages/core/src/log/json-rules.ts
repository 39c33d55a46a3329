import type { SchemaIssue } from "../errors.ts";
import { isInvalidDate } from "../invalid-date.ts";

type Key = string | number;

/**
 * What JSON cannot hold without changing it: the first such thing in `value`, or undefined when it can be written.
 *
 * Properties whose value is undefined are left out, as JSON.stringify does, and `toJSON` is called, so dates become strings.
 * Everything else that JSON.stringify would alter in silence is refused: NaN and infinities, invalid dates, integers beyond 2^53, undefined
 * in an array, functions, symbols, bigints, maps, sets, cycles, and own keys named `__proto__`.
 */
export function findUnwritable(value: unknown, maxDepth: number): SchemaIssue | undefined {
  return inspect(value, [], maxDepth);
}

function inspect(given: unknown, path: readonly Key[], depthLeft: number): SchemaIssue | undefined {
  if (isInvalidDate(given)) return { message: "JSON cannot hold an invalid Date", path };
  const value = afterToJson(given, path);
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return inspectNumber(value, path);
    case "object":
      if (value === null) return undefined;
      if (depthLeft === 0)
        return { message: "it is nested deeper than maxDepth allows, or contains itself", path: [] };
      return inspectObject(value, path, depthLeft - 1);
    default:
      return { message: `JSON cannot hold ${value === undefined ? "undefined" : `a ${typeof value}`}`, path };
  }
}

function afterToJson(value: unknown, path: readonly Key[]): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value, String(path.at(-1) ?? "")) : value;
}

function inspectNumber(value: number, path: readonly Key[]): SchemaIssue | undefined {
  if (!Number.isFinite(value)) return { message: `JSON cannot hold ${value}`, path };
  if (isUnsafeInteger(value)) {
    return {
      message: `the integer ${value} is beyond 2^53 and may not be the one that was meant; write it as a string`,
      path,
    };
  }
  return undefined;
}

/** From 1e21 on JSON writes an exponent: nobody takes that for an exact number. */
function isUnsafeInteger(value: number): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21;
}

function inspectObject(value: object, path: readonly Key[], depthLeft: number): SchemaIssue | undefined {
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) {
      const issue = inspectMember(value[at], path, at, depthLeft);
      if (issue !== undefined) return issue;
    }
    return undefined;
  }
  if (ArrayBuffer.isView(value)) return { message: "JSON cannot hold bytes; encode them as a string", path };
  const refused = unwritableKinds.find((kind) => value instanceof kind);
  if (refused !== undefined) return { message: `JSON cannot hold a ${refused.name}`, path };
  for (const key of Object.keys(value)) {
    if (key === "__proto__") return { message: "a key named __proto__ is refused", path: [...path, key] };
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const issue = inspectMember(member, path, key, depthLeft);
    if (issue !== undefined) return issue;
  }
  return undefined;
}

/** The path is built only where it is needed. */
function inspectMember(
  value: unknown,
  path: readonly Key[],
  key: Key,
  depthLeft: number,
): SchemaIssue | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return undefined;
  if (
    typeof value === "number" &&
    (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value)))
  ) {
    return undefined;
  }
  return inspect(value, [...path, key], depthLeft);
}

const unwritableKinds = [Map, Set, WeakMap, WeakSet, Promise, RegExp, Error, ArrayBuffer] as const;

/** Whether a parsed value has an own key `__proto__` anywhere. Its depth has been checked before. */
export function hasProtoKey(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Object.hasOwn(value, "__proto__")) return true;
  return Object.values(value).some(hasProtoKey);
}

/** Whether a JSON text nests deeper than `maxDepth`. Looks at the text alone; a text this short cannot is not looked at. */
export function isDeeperThan(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case openBrace:
      case openBracket:
        depth += 1;
        if (depth > maxDepth) return true;
        break;
      case closeBrace:
      case closeBracket:
        depth -= 1;
        break;
      case quote:
        at = endOfString(text, at);
        break;
      default:
    }
  }
  return false;
}

const [openBrace, openBracket, closeBrace, closeBracket, quote, backslash] = [
  0x7b, 0x5b, 0x7d, 0x5d, 0x22, 0x5c,
];

/** The index of the quote that ends the string begun at `start`; the end of the text when none does. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = at - 1;
    while (text.charCodeAt(escapes) === backslash) escapes -= 1;
    if ((at - escapes) % 2 === 1) return at;
  }
  return text.length;
}
