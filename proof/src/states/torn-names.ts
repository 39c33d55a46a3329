import type { Random } from "../harness/random.ts";
import { afterNames, type DiskFile, type NameChange } from "./disk.ts";

/** In what order names reach the disk: in any, or in the order they were given, as journals keep it. */
export type NameOrder = "any" | "in order";

/** How many unsynced changes of names are tried in every combination. Of more, the plausible ones and random ones. */
const mostChanges = 10;
const randomMasks = 256;

/**
 * The names a directory may have after a loss of power. Each unsynced change is there or not, whatever became of those before it;
 * a rename may also have given the new name without taking the old one, never the other way round.
 * The first is what is certain, the second what processes saw.
 */
export function tornNames(
  { names, nameChanges }: DiskFile,
  order: NameOrder,
  random: Random,
): { readonly found: ReadonlyMap<string, number>[]; readonly isAll: boolean } {
  const isAll = order === "in order" || nameChanges.length <= mostChanges;
  const chosen =
    order === "in order"
      ? prefixes(nameChanges)
      : isAll
        ? combinations(nameChanges)
        : [...prefixes(nameChanges), ...omissions(nameChanges), ...chances(nameChanges, random)];
  const found = [[], nameChanges, ...chosen].map((changes) => afterNames(names, changes));
  return { found: [...new Map(found.map((each) => [keyOf(each), each])).values()], isAll };
}

function prefixes(changes: readonly NameChange[]): (readonly NameChange[])[] {
  return changes.flatMap((change, at) => {
    const before = changes.slice(0, at);
    return isRename(change) ? [before, [...before, half(change)]] : [before];
  });
}

function combinations([first, ...rest]: readonly NameChange[]): (readonly NameChange[])[] {
  if (first === undefined) return [[]];
  const others = combinations(rest);
  const ways = isRename(first) ? [[], [first], [half(first)]] : [[], [first]];
  return ways.flatMap((way) => others.map((other) => [...way, ...other]));
}

/** One is missing; only one is there. */
function omissions(changes: readonly NameChange[]): (readonly NameChange[])[] {
  return changes.flatMap((change) => [changes.filter((each) => each !== change), [change]]);
}

function chances(changes: readonly NameChange[], random: Random): (readonly NameChange[])[] {
  return Array.from({ length: randomMasks }, () => changes.filter(() => random.next() < 0.5));
}

function isRename({ given, gone }: NameChange): boolean {
  return given !== undefined && gone !== undefined;
}

function half({ given }: NameChange): NameChange {
  return given === undefined ? {} : { given };
}

/** The same for the same names of the same files. */
export function keyOf(names: ReadonlyMap<string, number>): string {
  return [...names]
    .map(([name, file]) => `${name}\0${file}`)
    .toSorted()
    .join("\0");
}
