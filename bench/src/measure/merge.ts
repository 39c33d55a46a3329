/** Puts newly measured groups into the report of their family, beside the groups that were measured before. */
import type { Machine } from "./machine.ts";
import type { Report } from "./report.ts";

/** What the figures of one report have in common. */
export type ReportKind = Pick<Report, "quick" | "machine" | "versions">;

export interface Merged {
  readonly report: Report;
  /** What is not in it, of the stored one or of the fresh one, and why. */
  readonly dropped: readonly string[];
}

interface OfGroup {
  readonly group?: string | undefined;
}

/**
 * The rows and comparisons of the groups that were measured replace theirs; the other groups stay, with where they come from. A group that came
 * to no figures replaces none.
 *
 * @param stored - One that may stand beside the fresh one: see `whyApart`.
 * @param known - The family's groups, in their order. What is of none of them any more is dropped.
 */
export function mergeReports(stored: Report, fresh: Report, known: readonly string[]): Merged {
  const groups = (fresh.groups ?? []).map(({ group }) => group);
  const empty = groups.filter((group) => !hasFigures(fresh, group) && hasFigures(stored, group));
  const anew = new Set(groups.filter((group) => !empty.includes(group)));
  const isNew = ({ group = "" }: OfGroup): boolean => !empty.includes(group);
  const stays = ({ group = "" }: OfGroup): boolean => known.includes(group) && !anew.has(group);
  const merge = <I extends OfGroup>(before: readonly I[] = [], now: readonly I[] = []): readonly I[] =>
    [...before.filter(stays), ...now.filter(isNew)].toSorted(
      (a, b) => known.indexOf(a.group ?? "") - known.indexOf(b.group ?? ""),
    );
  const report = {
    ...fresh,
    versions: { ...stored.versions, ...fresh.versions },
    groups: merge(stored.groups, fresh.groups),
    rows: merge(stored.rows, fresh.rows),
    comparisons: merge(stored.comparisons, fresh.comparisons),
  };
  const gone = (stored.groups ?? []).filter(({ group }) => !known.includes(group));
  return {
    report,
    dropped: [
      ...gone.map(({ group }) => `${group}: there is no such group any more`),
      ...empty.map((group) => `${group}: it has no figures now, and those that are stored stay`),
    ],
  };
}

/** Whether anything of a group was measured: what broke, or could not be done here, is a row without figures. */
function hasFigures({ rows }: Report, group: string): boolean {
  return rows.some((row) => row.group === group && row.ours !== null);
}

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

/** Figures of two machines, or of two versions of what they are held against, are not for one report. Undefined where these are. */
export function whyApart(stored: Report, fresh: ReportKind): string | undefined {
  if (stored.groups === undefined) return "its rows do not tell their groups, as reports did not once";
  if (stored.quick !== fresh.quick) return `it is of a ${stored.quick ? "quick" : "full"} run`;
  const differ = (what: string, then: unknown, now: unknown = "missing"): string =>
    `${what} was ${String(then)}, and is ${String(now)} now`;
  const machine = alike.find((key) => stored.machine[key] !== fresh.machine[key]);
  if (machine !== undefined) return differ(machine, stored.machine[machine], fresh.machine[machine]);
  const version = Object.keys(stored.versions).find((name) => stored.versions[name] !== fresh.versions[name]);
  return version && differ(version, stored.versions[version], fresh.versions[version]);
}
