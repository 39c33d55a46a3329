/** The table, for people (Markdown) and for programs (JSON). */
import type { Comparison, Contender } from "./comparison.ts";
import { figure, withSpread } from "./figure.ts";
import type { Machine } from "./machine.ts";
import type { Row } from "./row.ts";
import { daysOf, describeOthers, groupLines, isOfOneRun, othersOf, type Provenance } from "./provenance.ts";
import type { Versions } from "./versions.ts";

export interface Report {
  readonly family: string;
  /** Too short to decide anything. */
  readonly quick: boolean;
  /** Of the newest of its groups, as the commit, the day, the seed and the load are. */
  readonly command: string;
  readonly commit: string;
  /** The day it was measured. */
  readonly date: string;
  /** What generated data was made from. */
  readonly seed: number;
  readonly machine: Machine;
  readonly versions: Versions;
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
  /** Of each group that it holds. Reports that were stored before groups were told have none. */
  readonly groups?: readonly Provenance[];
}

/** `12 met, 1 missed, 0 undecided, 0 skipped` */
export function countLine(rows: readonly Row[]): string {
  const count = (verdict: Row["verdict"]): number => rows.filter((row) => row.verdict === verdict).length;
  return `${count("met")} met, ${count("not met")} missed, ${count("undecided")} undecided, ${count("skipped")} skipped`;
}

/** One line about what, where and how. */
export function describeRun(report: Report): string {
  const { family, quick, command, commit, seed, machine, groups } = report;
  const { cpu, cores, memoryGiB, kernel, fileSystem, node, flockBinding, code, loadBefore, loadAfter } =
    machine;
  const others = othersOf(report);
  return [
    `${family}${quick ? " (quick: too short to decide anything)" : ""}: ${cpu}`,
    `${cores} cores`,
    `${memoryGiB} GiB`,
    `kernel ${kernel}`,
    fileSystem,
    `Node ${node}`,
    `flock through ${flockBinding}`,
    `packages from ${code}`,
    `${isOfOneRun(report) ? "" : "newest "}commit ${commit}`,
    daysOf(report),
    `seed ${seed}`,
    ...(groups === undefined ? [`load ${loadBefore} before and ${loadAfter} after`] : [`by ${command}`]),
    ...(others === undefined ? [] : [`others had ${others} of the processors' time`]),
  ].join(", ");
}

export function toMarkdown(report: Report): string {
  const { rows, comparisons, versions } = report;
  const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    describeRun(report),
    "",
    ...(report.groups === undefined ? [] : [...groupLines(report), ""]),
    "| row | durability | ours (spread) | baseline (spread) | ratio | goal | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(toLine),
    "",
    ...noteLines(rows, ({ undecided }) => undecided && `no verdict: ${undecided}`, besideBaseline),
    ...noteLines(rows, ({ limit }) => limit && `what stops it: ${limit}`),
    ...noteLines(rows, ({ note }) => note),
    ...comparisons.flatMap(toTable),
    "",
    `Versions: ${list.join(", ")}.`,
  ].join("\n");
}

/** Each note once, with the rows it is about. */
function noteLines(
  rows: readonly Row[],
  noteOf: (row: Row) => string | null | undefined,
  nameOf: (row: Row) => string = ({ name }) => name,
): string[] {
  const names = new Map<string, Set<string>>();
  for (const row of rows) {
    const note = noteOf(row);
    if (note === null || note === undefined) continue;
    const about = names.get(note) ?? new Set();
    names.set(note, about.add(nameOf(row)));
  }
  return [...names].map(([note, about]) => `- ${[...about].join("; ")}: ${note}`);
}

/** Rows of one name may be decided beside one baseline, and not beside another. */
function besideBaseline({ name, baselineName }: Row): string {
  return baselineName === null ? name : `${name} (${baselineName})`;
}

function toLine(row: Row): string {
  const ours = row.ours === null ? "-" : withSpread(row.ours, row.oursSpread, row.unit);
  const theirs = row.baseline === null ? "-" : withSpread(row.baseline, row.baselineSpread, row.unit);
  const baseline = row.baselineName === null ? "-" : `${row.baselineName} ${theirs}`;
  const ratio = row.ratio === null ? "-" : figure(row.ratio);
  return `| ${[row.name, durabilityOf(row), ours, baseline, ratio, row.goal, row.verdict].join(" | ")} |`;
}

/** `disk`, or `disk; baseline: file synced, its name not`. */
function durabilityOf({ durability, baselineDurability }: Row): string {
  return baselineDurability === undefined ? durability : `${durability}; baseline: ${baselineDurability}`;
}

/** A table of its own for each comparison: a line for each contender, a column for each metric. */
function toTable({ name, durability, metrics, contenders, disturbance }: Comparison): string[] {
  const head = ["contender", "durability", ...metrics.map((metric) => `${metric.name}, ${metric.unit}`)];
  const line = (each: Contender): string => {
    const figures = each.figures.map(({ median, spread }) =>
      median === null ? "-" : withSpread(median, spread),
    );
    return `| ${[each.name, each.durability, ...figures].join(" | ")} |`;
  };
  const notes = Map.groupBy(
    contenders.filter((each) => each.note !== null),
    ({ note }) => note,
  );
  const others = describeOthers(disturbance === undefined ? [] : [disturbance]);
  return [
    "",
    `**${name}** (${[durability, ...others].join(", ")})`,
    "",
    `| ${head.join(" | ")} |`,
    `|${head.map(() => " --- |").join("")}`,
    ...contenders.map(line),
    ...(notes.size === 0 ? [] : [""]),
    ...[...notes].map(([note, of]) => `- ${of.map((each) => each.name).join("; ")}: ${note}`),
  ];
}
