import { asId, numberOf } from "../comment-number.ts";
import { compareInstants } from "../instant.ts";
import type { Comment, Dependency } from "../issue.ts";
import { canonicalJson, sameJson } from "./json-value.ts";
import type { Versions } from "./merge-conflict.ts";

/** How lists of one kind are merged. */
interface ListRules<T> {
  /** What makes an element that element. */
  readonly keyOf: (element: T) => string;
  /** Decides between two versions of one element; must not depend on the side. */
  readonly choose: (ours: T, theirs: T, base: T | undefined) => T;
}

/**
 * Merges lists as sets: an element is in the result if both sides have it, or one side added it; what one side removed and the
 * other left alone is gone. Elements keep their order; what only one side has stands behind what it stands behind there.
 */
function mergeList<T>(versions: Versions<readonly T[]>, { keyOf, choose }: ListRules<T>): readonly T[] {
  const [base, ours, theirs] = [versions.base ?? [], versions.ours, versions.theirs].map(
    (list) => new Map(list.map((element) => [keyOf(element), element])),
  ) as [Map<string, T>, Map<string, T>, Map<string, T>];
  const result: T[] = [];
  for (const key of mergeOrder([...ours.keys()], [...theirs.keys()])) {
    const [before, our, their] = [base.get(key), ours.get(key), theirs.get(key)];
    if (our !== undefined && their !== undefined) {
      result.push(sameJson(our, their) ? our : choose(our, their, before));
      continue;
    }
    const one = our ?? their;
    if (before === undefined && one !== undefined) result.push(one);
  }
  // Two new orders that contradict each other may come to the old one, which the next merge would take for unchanged.
  if (versions.base === undefined || !sameJson(result, versions.base)) return result;
  return canonicalJson(versions.ours) < canonicalJson(versions.theirs) ? versions.ours : versions.theirs;
}

/**
 * One order from two: what both have keeps its place, what one has is put where it stands there. Where the orders contradict
 * each other the lesser key comes first, so that it does not matter which side is which.
 */
export function mergeOrder(ours: readonly string[], theirs: readonly string[]): readonly string[] {
  const [inOurs, inTheirs] = [new Set(ours), new Set(theirs)];
  const done = new Set<string>();
  const order: string[] = [];
  const emit = (key: string): void => {
    done.add(key);
    order.push(key);
  };
  let [i, j] = [0, 0];
  for (;;) {
    while (i < ours.length && done.has(ours[i] as string)) i += 1;
    while (j < theirs.length && done.has(theirs[j] as string)) j += 1;
    const [our, their] = [ours[i], theirs[j]];
    if (our === undefined && their === undefined) return order;
    if (our === undefined || their === undefined) emit((our ?? their) as string);
    else if (our === their) emit(our);
    else {
      const [ourOwn, theirOwn] = [!inTheirs.has(our), !inOurs.has(their)];
      emit(ourOwn === theirOwn ? (our < their ? our : their) : ourOwn ? our : their);
    }
  }
}

/** Labels and other lists of words. */
export function mergeWords(versions: Versions<readonly string[]>): readonly string[] {
  return mergeList(versions, { keyOf: (word) => word, choose: (ours) => ours });
}

/** Dependencies: one for each target and type; of two, the one that one side changed, else the older. */
export function mergeDependencies(versions: Versions<readonly Dependency[]>): readonly Dependency[] {
  return mergeList(versions, {
    keyOf: ({ depends_on_id: target, type }) => `${type} ${target}`,
    choose: chooseChanged((a, b) => compareInstants(a.created_at, b.created_at)),
  });
}

/**
 * Comments: one for each author, time and text, so that equal numbers of two clones are no clash; the later of two comments with
 * one number gets the next free one.
 */
export function mergeComments(versions: Versions<readonly Comment[]>): readonly Comment[] {
  const merged = mergeList(versions, {
    keyOf: ({ author, created_at: at, text }) => canonicalJson([author, at, text]),
    choose: chooseChanged(() => 0),
  });
  const taken = new Set<bigint>();
  let greatest = 0n;
  for (const comment of merged) {
    const number = numberOf(comment) ?? 0n;
    if (number > greatest) greatest = number;
  }
  const inTime = merged.toSorted(
    (a, b) => compareInstants(a.created_at, b.created_at) || (canonicalJson(a) < canonicalJson(b) ? -1 : 1),
  );
  const renumbered = new Map<Comment, Comment>();
  for (const comment of inTime) {
    const number = numberOf(comment);
    if (number === undefined) continue;
    if (!taken.has(number)) taken.add(number);
    else {
      greatest += 1n;
      renumbered.set(comment, { ...comment, id: asId(greatest) });
    }
  }
  return merged.map((comment) => renumbered.get(comment) ?? comment);
}

function chooseChanged<T>(compare: (a: T, b: T) => number): ListRules<T>["choose"] {
  return (ours, theirs, base) => {
    if (base !== undefined && sameJson(ours, base)) return theirs;
    if (base !== undefined && sameJson(theirs, base)) return ours;
    const order = compare(ours, theirs) || (canonicalJson(ours) < canonicalJson(theirs) ? -1 : 1);
    return order < 0 ? ours : theirs;
  };
}
