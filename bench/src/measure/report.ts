/** The table, for people (Markdown) and for programs (JSON). */
import type { Machine } from "./machine.ts";
import type { Row, Unit } from "./row.ts";

export interface Report {
  readonly family: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** `12 met, 1 missed, 0 skipped` */
export function countLine(rows: readonly Row[]): string {
  const count = (verdict: Row["verdict"]): number => rows.filter((row) => row.verdict === verdict).length;
  return `${count("met")} met, ${count("not met")} missed, ${count("skipped")} skipped`;
}

export function toMarkdown({ family, quick, machine, rows }: Report): string {
  const { cpu, cores, memoryGiB, kernel, fileSystem, node, flockBinding, code, loadBefore, loadAfter } =
    machine;
  return [
    `${family}${quick ? " (quick: too short to decide anything)" : ""}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, kernel ${kernel}, ` +
      `${fileSystem}, Node ${node}, flock through ${flockBinding}, packages from ${code}, load ${loadBefore} before and ${loadAfter} after`,
    "",
    "| row | durability | ours (spread) | baseline (spread) | ratio | goal | verdict |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...rows.map(toLine),
    "",
    ...noteLines(rows),
  ].join("\n");
}

/** Each note once, with the rows it is about. */
function noteLines(rows: readonly Row[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const { name, note } of rows) {
    if (note === null) continue;
    const about = names.get(note) ?? new Set();
    names.set(note, about.add(name));
  }
  return [...names].map(([note, about]) => `- ${[...about].join("; ")}: ${note}`);
}

function toLine(row: Row): string {
  const ours = row.ours === null ? "-" : withSpread(row.ours, row.oursSpread, row.unit);
  const baseline =
    row.baseline === null
      ? "-"
      : `${row.baselineName} ${withSpread(row.baseline, row.baselineSpread, row.unit)}`;
  const ratio = row.ratio === null ? "-" : figure(row.ratio);
  return `| ${[row.name, row.durability, ours, baseline, ratio, row.goal, row.verdict].join(" | ")} |`;
}

function withSpread(value: number, spread: number | null, unit: Unit): string {
  const suffix = unit === "index" ? "" : ` ${unit}`;
  return `${figure(value)}${suffix} (${Math.round((spread ?? 0) * 100)} %)`;
}

/** Three digits that count. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  return String(Number(value.toPrecision(3)));
}
