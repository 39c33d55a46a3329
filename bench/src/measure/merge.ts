/** Puts newly measured groups into the report of their family, beside the groups that were measured before. */
import type { Comparison } from "./comparison.ts";
import type { Machine } from "./machine.ts";
import type { Report } from "./report.ts";
import type { Row } from "./row.ts";

export interface Merged {
  readonly report: Report;
  /** What did not stay of the stored one, and why. */
  readonly dropped: readonly string[];
}

type Item = Row | Comparison;
/** Those of a report, where each has a group. */
interface Grouped {
  readonly groups: NonNullable<Report["groups"]>;
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
}

/** The group of what was stored before groups were told. */
export const untold = "measured before groups were told";

/**
 * The rows and comparisons of the groups that were measured replace theirs; the other groups stay, with where they come from.
 *
 * @param known - The family's groups, in their order. What is of none of them any more is dropped.
 */
export function mergeReports(stored: Report, fresh: Report, known: readonly string[]): Merged {
  const why = whyAnew(stored, fresh);
  if (why !== undefined) return { report: fresh, dropped: [`all of the stored report: ${why}`] };
  const dropped: string[] = [];
  let old = withGroups(stored);
  for (const { group } of fresh.groups ?? []) {
    if (old.groups.some((each) => each.group === group)) old = without(old, group);
    else old = withoutUntold(old, fresh, group, dropped);
  }
  for (const { group } of old.groups) {
    if (group === untold || known.includes(group)) continue;
    dropped.push(`${group}: there is no such group any more`);
    old = without(old, group);
  }
  const order = [...known, untold];
  const inOrder = <I extends { readonly group?: string | undefined }>(items: readonly I[]): readonly I[] =>
    items.toSorted((a, b) => order.indexOf(a.group ?? untold) - order.indexOf(b.group ?? untold));
  const rows = inOrder([...old.rows, ...fresh.rows]);
  const comparisons = inOrder([...old.comparisons, ...fresh.comparisons]);
  const groups = inOrder([...old.groups, ...(fresh.groups ?? [])]).filter(
    ({ group }) => group !== untold || [...rows, ...comparisons].some((item) => item.group === untold),
  );
  const versions = { ...stored.versions, ...fresh.versions };
  return { report: { ...fresh, versions, groups, rows, comparisons }, dropped };
}

/** Figures of two machines, or of two versions of what they are held against, are not for one report. */
function whyAnew(stored: Report, fresh: Report): string | undefined {
  if (stored.quick !== fresh.quick) return `one of the two is of a quick run, and decides nothing`;
  const alike: readonly (keyof Machine)[] = [
    "cpu",
    "cores",
    "memoryGiB",
    "kernel",
    "fileSystem",
    "node",
    "flockBinding",
    "code",
  ];
  const differ = (what: string, then: unknown, now: unknown): string =>
    `${what} was ${String(then)}, and is ${String(now)} now`;
  const machine = alike.find((key) => stored.machine[key] !== fresh.machine[key]);
  if (machine !== undefined) return differ(machine, stored.machine[machine], fresh.machine[machine]);
  const version = Object.keys(fresh.versions).find(
    (name) => (stored.versions[name] ?? fresh.versions[name]) !== fresh.versions[name],
  );
  return version && differ(version, stored.versions[version], fresh.versions[version]);
}

function withGroups({ groups, rows, comparisons, machine, command, commit, date, seed }: Report): Grouped {
  if (groups !== undefined) return { groups, rows, comparisons };
  const { loadBefore, loadAfter, othersShare = null } = machine;
  const head = { command, commit, date, seed, loadBefore, loadAfter, othersShare };
  const tell = <I extends Item>(items: readonly I[]): I[] =>
    items.map((each) => ({ ...each, group: untold }));
  return { groups: [{ group: untold, ...head }], rows: tell(rows), comparisons: tell(comparisons) };
}

function without({ groups, rows, comparisons }: Grouped, group: string): Grouped {
  const isElse = (each: { readonly group?: string | undefined }): boolean => each.group !== group;
  return {
    groups: groups.filter(isElse),
    rows: rows.filter(isElse),
    comparisons: comparisons.filter(isElse),
  };
}

/**
 * Where a group's rows do not tell it, their names do: a group's rows stand together, so what lies between two of its names is its own too.
 * Where no name is known, none of the untold ones can stay: some of them may be the group's.
 */
function withoutUntold(old: Grouped, fresh: Report, group: string, dropped: string[]): Grouped {
  if (!old.groups.some((each) => each.group === untold)) return old;
  const keep = <I extends Item>(before: readonly I[], now: readonly I[]): readonly I[] => {
    const names = new Set(now.filter((each) => each.group === group).map(nameOf));
    const isIts = (each: I): boolean => each.group === untold && names.has(nameOf(each));
    const [first, last] = [before.findIndex(isIts), before.findLastIndex(isIts)];
    return first === -1 ? before : before.filter((_, at) => at < first || at > last);
  };
  const rows = keep(old.rows, fresh.rows);
  const comparisons = keep(old.comparisons, fresh.comparisons);
  if (rows !== old.rows || comparisons !== old.comparisons) return { groups: old.groups, rows, comparisons };
  dropped.push(`what does not tell its group: none of its rows is known to be of ${group}`);
  return without(old, untold);
}

function nameOf({ name, durability }: Item): string {
  return `${name}\n${durability}`;
}
