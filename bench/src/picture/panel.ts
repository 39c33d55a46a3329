/** What a picture shows: panels of bars that may be compared with one another, ours first. */
import type { Comparison, ContenderKind, Metric } from "../measure/comparison.ts";
import { figure, withUnit } from "../measure/figure.ts";
import type { Report } from "../measure/report.ts";
import type { Row } from "../measure/row.ts";
import { provenanceOf } from "../measure/provenance.ts";
import { isBusy, othersAtMost, percent } from "../measure/verdicts.ts";
import { withVersions, type Versions } from "../measure/versions.ts";
import { goalOf, isOfOurs } from "./goal.ts";

export interface Bar {
  readonly label: string;
  readonly kind: ContenderKind;
  readonly value: number | null;
  /** The least and the most of the rounds. */
  readonly range: readonly [number, number] | undefined;
  readonly text: string;
  /** What its comparison with ours came to. */
  readonly outcome: { readonly text: string; readonly verdict: "met" | "missed" | "none" } | undefined;
}

export interface Panel {
  readonly title: string;
  readonly durability: string;
  /** What others had of the processors while it was measured, where that was too much for a verdict. */
  readonly others?: string | undefined;
  readonly better: "more" | "less";
  readonly bars: readonly Bar[];
  /** Where ours would have to end. */
  readonly goals: readonly number[];
}

/** A panel for each figure of ours that was held against several others. Of one that was held against one, the summary tells. */
export function goalPanels({ rows, comparisons, versions, quick, machine }: Report): readonly Panel[] {
  const isInComparison = (row: Row): boolean =>
    comparisons.some((each) => row.name.startsWith(`${each.name}: `));
  const groups = Map.groupBy(
    rows.filter((row) => !isLeftOut(row) && row.ours !== null && !isInComparison(row)),
    ({ name, durability, unit, ours }) => [name, durability, unit, ours].join("\n"),
  );
  // Rows of reports that were stored before verdicts were withheld have one all the same.
  const isUndecided = quick || isBusy(machine);
  return [...groups.values()]
    .filter((group) => group.filter((row) => row.baseline !== null).length > 1)
    .map((group) => goalPanel(group, versions, isUndecided));
}

/** What was not measured, or is not ours. */
function isLeftOut({ verdict }: Row): boolean {
  return verdict === "skipped" || verdict === "not ours";
}

function goalPanel(group: readonly Row[], versions: Versions, isUndecided: boolean): Panel {
  const [first] = group as readonly [Row, ...Row[]];
  const against = group.filter((row) => row.baseline !== null);
  const alone = group.filter(isOfOurs);
  return {
    title: first.name,
    durability: first.durability,
    better: isLessBetter(first) ? "less" : "more",
    goals: group.flatMap((row) => goalOf(row) ?? []),
    bars: [
      {
        label: "Flockwork",
        kind: "ours",
        value: first.ours,
        range: rangeOf(first.rounds.ours, first.ours, first.oursSpread),
        text: withUnit(first.ours ?? NaN, first.unit),
        outcome: alone.map((row) => outcomeOf(row, isUndecided))[0],
      },
      ...against.map((row): Bar => {
        return {
          label: `${withVersions(row.baselineName ?? "", versions)}${row.baselineDurability === undefined ? "" : ` (${row.baselineDurability})`}`,
          kind: "peer",
          value: row.baseline,
          range: rangeOf(row.rounds.baseline, row.baseline, row.baselineSpread),
          text: withUnit(row.baseline ?? NaN, row.unit),
          outcome: isOfOurs(row) ? undefined : outcomeOf(row, isUndecided),
        };
      }),
    ],
  };
}

function isLessBetter({ goal }: Row): boolean {
  return goal.startsWith("baseline / ours") ? goal.includes("≥") : goal.includes("≤");
}

function outcomeOf({ ratio, goal, verdict }: Row, isUndecided: boolean): Bar["outcome"] {
  const limit = goal
    .replace(/^(ours - baseline|ours \/ baseline|baseline \/ ours|ours) /, "")
    .replace(/ index$/, "")
    .replaceAll(/\d{4,}/g, (digits) => figure(Number(digits)));
  const reached =
    ratio === null ? "" : goal.startsWith("ours - ") ? `+${figure(ratio)}, ` : `${figure(ratio)} ×, `;
  const text = `${reached}goal ${limit}`;
  if (isUndecided || verdict === "undecided") return { text, verdict: "none" };
  return verdict === "met" ? { text: `✓ ${text}`, verdict: "met" } : { text: `✗ ${text}`, verdict: "missed" };
}

function rangeOf(
  rounds: readonly number[],
  median: number | null,
  spread: number | null,
): readonly [number, number] | undefined {
  if (rounds.length > 1) return [Math.min(...rounds), Math.max(...rounds)];
  if (median === null || spread === null || spread === 0) return undefined;
  return [Math.max(median * (1 - spread / 2), 0), median * (1 + spread / 2)];
}

/** A small panel for each metric that is to be seen. */
export function sidePanels(report: Report): readonly Panel[] {
  return report.comparisons.flatMap((comparison) => {
    const { othersShare } = comparison.disturbance ?? provenanceOf(report, comparison) ?? {};
    const share = othersShare ?? 0;
    const others = share > othersAtMost ? `others had ${percent(share)}` : undefined;
    return comparison.metrics.flatMap((metric, at) =>
      metric.drawn ? { ...sidePanel(comparison, metric, at, report.versions), others } : [],
    );
  });
}

function sidePanel(comparison: Comparison, metric: Metric, at: number, versions: Versions): Panel {
  const bars = comparison.contenders.flatMap((each, position): Bar[] => {
    const figures = each.figures[at];
    if (figures === undefined || figures.median === null) return [];
    const isElse = each.durability !== comparison.durability;
    return [
      {
        label: `${withVersions(each.name, versions)}${isElse ? ` (${each.durability})` : ""}${each.note === null ? "" : " *"}`,
        kind: position === 0 || comparison.isOrdered ? "ours" : each.kind,
        value: figures.median,
        range: rangeOf(figures.rounds, figures.median, figures.spread),
        text: withUnit(figures.median, metric.unit),
        outcome: undefined,
      },
    ];
  });
  if (comparison.isOrdered)
    return {
      title: titleOf(comparison, metric),
      durability: comparison.durability,
      better: metric.better,
      goals: [],
      bars,
    };
  const [ours, ...others] = bars;
  const sign = metric.better === "more" ? -1 : 1;
  const ranked = others.toSorted((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)));
  return {
    title: titleOf(comparison, metric),
    durability: comparison.durability,
    better: metric.better,
    goals: [],
    bars: [...(ours === undefined ? [] : [ours]), ...ranked],
  };
}

function titleOf({ name }: Comparison, metric: Metric): string {
  return `${name}: ${metric.name}`;
}
