/** Where figures come from: a report may hold groups of several runs, and each group tells its own. */
import type { Report } from "./report.ts";
import type { Disturbance } from "./rounds.ts";
import { percent } from "./verdicts.ts";

export interface Provenance {
  readonly group: string;
  readonly command: string;
  readonly commit: string;
  /** The day it was measured. */
  readonly date: string;
  /** What generated data was made from. */
  readonly seed: number;
  /** The share of the processors' time that others had meanwhile, rounds that were not kept and all. Null where it cannot be told. */
  readonly othersShare: number | null;
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** Of each of its comparisons that has rounds, in their order. Old reports have none. */
  readonly disturbances?: readonly Disturbance[];
}

/** Of the group that measured this row or comparison. Undefined in a report that was stored before groups were told. */
export function provenanceOf(
  { groups = [] }: Report,
  { group }: { readonly group?: string | undefined },
): Provenance | undefined {
  return groups.find((each) => each.group === group);
}

/** `2026-01-02`, or the first and the last day of its groups. */
export function daysOf({ date, groups = [] }: Report): string {
  const days = [date, ...groups.map((each) => each.date)].toSorted();
  const [first = date, last = date] = [days[0], days.at(-1)];
  return first === last ? first : `${first} to ${last}`;
}

/** The commands that make such a report, the newest first. */
export function commandsOf({ command, groups = [] }: Report): string {
  return [...new Set([command, ...groups.map((each) => each.command)])].join("; ");
}

/** Whether all of it is from one run. */
export function isOfOneRun({ commit, groups = [] }: Report): boolean {
  return groups.every((each) => each.commit === commit);
}

/** What others had, of one group or of all: `2 to 11 %`. Undefined where it is not known. */
export function othersOf({ machine, groups }: Report): string | undefined {
  return rangeOf(groups ?? [machine]);
}

/** `2 to 11 %`, or `2 %` where all are alike. */
function rangeOf(all: readonly { readonly othersShare?: number | null }[]): string | undefined {
  const shares = all.flatMap(({ othersShare }) => othersShare ?? []);
  if (shares.length === 0) return undefined;
  const [least, most] = [Math.min(...shares), Math.max(...shares)];
  return percent(least) === percent(most) ? percent(most) : `${Math.round(least * 100)} to ${percent(most)}`;
}

/** `others had 11 %, 3 to 9 % of the rounds kept`, `2 rounds made again`: what is known of it. */
export function describeOthers(
  disturbances: readonly Disturbance[],
  meanwhile: number | null = null,
): readonly string[] {
  const kept = rangeOf(disturbances);
  const shares = [
    ...(meanwhile === null ? [] : [percent(meanwhile)]),
    ...(kept === undefined ? [] : [`${kept} of the rounds kept`]),
  ];
  const repeated = disturbances.reduce((sum, each) => sum + each.repeated, 0);
  return [
    ...(shares.length === 0 ? [] : [`others had ${shares.join(", ")}`]),
    ...(repeated === 0 ? [] : [`${repeated} ${repeated === 1 ? "round" : "rounds"} made again`]),
  ];
}

/** A line for each group: what of it the head of the report does not tell. */
export function groupLines(report: Report): readonly string[] {
  return (report.groups ?? []).map((each) => {
    const { group, loadBefore, loadAfter, othersShare, disturbances = [] } = each;
    const parts = [
      describeOthers(disturbances, othersShare),
      `load ${loadBefore} before and ${loadAfter} after`,
      each.commit === report.commit ? [] : `commit ${each.commit}`,
      each.date === report.date ? [] : each.date,
      each.command === report.command ? [] : `\`${each.command}\``,
      each.seed === report.seed ? [] : `seed ${each.seed}`,
    ].flat();
    return `- \`${group}\`: ${parts.join(", ")}`;
  });
}
