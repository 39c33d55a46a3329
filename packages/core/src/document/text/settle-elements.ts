import type { OriginTree } from "./draft-origins.ts";
import { isContainer } from "./freeze-json.ts";

/** How the elements of an array are settled. */
export interface ElementSettling {
  /** Settles the element at `index` against the part of the base it descends from. */
  readonly settleAt: (index: number, before: unknown) => unknown;
  /** Where the elements come from, when that is known and matters. */
  readonly origins: OriginTree | undefined;
  /** False where numbers are rounded: then two equal elements may stand for different bytes. */
  readonly equalIsSame: boolean;
}

/**
 * Settles an array against its base: elements that are parts of the base stay those parts wherever they moved, and what is
 * left is matched by position, or by equal heads and tails when the lengths differ. Undefined when all equal the base's.
 */
export function settleElements(
  next: readonly unknown[],
  base: readonly unknown[],
  settling: ElementSettling,
): unknown[] | undefined {
  return next.length === base.length
    ? settleInPlace(next, base, settling)
    : settleMoved(next, base, settling);
}

function settleInPlace(
  next: readonly unknown[],
  base: readonly unknown[],
  settling: ElementSettling,
): unknown[] | undefined {
  const result: unknown[] = Array.from({ length: next.length });
  const claimed = settling.origins === undefined ? undefined : claimedBy(next, settling.origins);
  let kept: Set<unknown> | undefined;
  let same = true;
  for (let index = 0; index < next.length; index += 1) {
    const element = next[index];
    const before = base[index];
    if (element === before && element !== undefined) result[index] = before;
    else if (mayHaveMoved(element) && (kept ??= new Set(base)).has(element)) result[index] = element;
    else if (isContainer(before) && claimed?.has(before) === true && !descendsFrom(settling, index, before)) {
      result[index] = settling.settleAt(index, undefined);
    } else result[index] = settling.settleAt(index, before);
    same &&= result[index] === before;
  }
  return same ? undefined : result;
}

function settleMoved(
  next: readonly unknown[],
  base: readonly unknown[],
  settling: ElementSettling,
): unknown[] {
  const result: unknown[] = Array.from({ length: next.length });
  const shorter = Math.min(next.length, base.length);
  const kept = new Set(base);
  const equals = (index: number, before: unknown): boolean =>
    next[index] === before ||
    (settling.equalIsSame && !kept.has(next[index]) && settling.settleAt(index, before) === before);
  let head = 0;
  while (head < shorter && equals(head, base[head])) result[head] = base[head++];
  let tail = 0;
  while (tail < shorter - head && equals(next.length - 1 - tail, base[base.length - 1 - tail])) {
    tail += 1;
    result[next.length - tail] = base[base.length - tail];
  }
  for (let index = head; index < next.length - tail; index += 1) {
    const element = next[index];
    result[index] = kept.has(element) ? element : settling.settleAt(index, undefined);
  }
  return result;
}

/** Frozen containers and numbers past 2^53 are worth a look: the one keeps its bytes, the other could not be written anew. */
function mayHaveMoved(element: unknown): boolean {
  return isContainer(element)
    ? Object.isFrozen(element)
    : typeof element === "number" && !Number.isSafeInteger(element);
}

function descendsFrom({ origins }: ElementSettling, index: number, before: object): boolean {
  return origins?.children.get(String(index))?.origin === before;
}

/** Base containers that some element is or descends from: no other element may take their bytes. */
function claimedBy(elements: readonly unknown[], origins: OriginTree): Set<unknown> {
  const claimed = new Set<unknown>(elements);
  for (const { origin } of origins.children.values()) claimed.add(origin);
  return claimed;
}
