import { isDeepStrictEqual } from "node:util";
import { isObject } from "../is-object.ts";

/** What became of a merge: the value, or where both sides changed the same. */
export type Merged =
  | { readonly value: unknown }
  | { readonly conflicts: readonly (readonly (string | number)[])[] };

/** A member that one side does not have. */
const absent = Symbol("absent");
type Maybe = unknown;

/**
 * Merges two changes of one JSON value: each field that only one side changed becomes what that side made of it. Objects are
 * merged key by key; arrays element by element where every element is an object with an `id` of its own, else as a whole. Elements
 * that only one side moved are where it moved them.
 * Where both sides changed the same field to the same value, that is no conflict; where one removed what the other changed, it is.
 */
export function mergeFields(base: unknown, ours: unknown, theirs: unknown): Merged {
  const conflicts: (readonly (string | number)[])[] = [];
  const value = merge(base, ours, theirs, [], conflicts);
  return conflicts.length > 0 ? { conflicts } : { value };
}

function merge(
  base: Maybe,
  ours: Maybe,
  theirs: Maybe,
  keys: readonly (string | number)[],
  conflicts: (readonly (string | number)[])[],
): Maybe {
  if (isDeepStrictEqual(ours, base) || isDeepStrictEqual(ours, theirs)) return theirs;
  if (isDeepStrictEqual(theirs, base)) return ours;
  const sides = [base, ours, theirs];
  if (sides.every(isObject)) {
    const [from, left, right] = sides as Readonly<Record<string, unknown>>[];
    return mergeMembers(
      new Map(entries(from)),
      new Map(entries(left)),
      new Map(entries(right)),
      keys,
      conflicts,
    );
  }
  const byId = sides.map((side) => elementsById(side));
  const [from, left, right] = byId;
  const order =
    from === undefined || left === undefined || right === undefined ? undefined : orderOf(from, left, right);
  if (from !== undefined && left !== undefined && right !== undefined && order !== undefined)
    return Object.values(mergeMembers(from, left, right, keys, conflicts, order));
  conflicts.push(keys);
  return theirs;
}

/**
 * The keys of both sides: in the order of theirs, what only we added behind; where only we moved elements, the other way round.
 * Undefined where both moved them, each in another way.
 */
function orderOf(base: Members, ours: Members, theirs: Members): Iterable<string> | undefined {
  const stayed = [...base.keys()].filter((key) => ours.has(key) && theirs.has(key));
  const stays = new Set(stayed);
  const among = (side: Members): string[] => [...side.keys()].filter((key) => stays.has(key));
  const [left, right] = [among(ours), among(theirs)];
  if (isDeepStrictEqual(left, stayed) || isDeepStrictEqual(left, right)) return both(theirs, ours);
  return isDeepStrictEqual(right, stayed) ? both(ours, theirs) : undefined;
}

function both(first: Members, second: Members): Set<string> {
  return new Set([...first.keys(), ...second.keys()]);
}

type Members = ReadonlyMap<string, unknown>;

/** In the order of theirs, what only we added behind, unless another order is given. */
function mergeMembers(
  base: Members,
  ours: Members,
  theirs: Members,
  keys: readonly (string | number)[],
  conflicts: (readonly (string | number)[])[],
  order: Iterable<string> = both(theirs, ours),
): Record<string, unknown> {
  const merged: [string, unknown][] = [];
  for (const key of order) {
    const sides = [base, ours, theirs].map((side) => (side.has(key) ? side.get(key) : absent));
    const value = merge(sides[0], sides[1], sides[2], [...keys, key], conflicts);
    if (value !== absent) merged.push([key, value]);
  }
  return Object.fromEntries(merged);
}

function entries(value: Readonly<Record<string, unknown>> | undefined): [string, unknown][] {
  return Object.entries(value ?? {});
}

/** The elements of an array by their `id`; undefined where not every element has one of its own. */
function elementsById(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const byId = new Map<string, unknown>();
  for (const element of value as readonly unknown[]) {
    const id = isObject(element) ? element["id"] : undefined;
    if (typeof id !== "string" && typeof id !== "number") return undefined;
    byId.set(`${typeof id}:${id}`, element);
  }
  return byId.size === value.length ? byId : undefined;
}
