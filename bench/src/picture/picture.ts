/** A report as a picture: what a reader can compare at a glance, on a light page and on a dark one. */
import type { ContenderKind } from "../measure/comparison.ts";
import type { Report } from "../measure/report.ts";
import { isBusy } from "../measure/verdicts.ts";
import { commandsOf, daysOf, isOfOneRun } from "../measure/provenance.ts";
import { drawPanel, type Columns } from "./draw-panel.ts";
import { goalPanels, sidePanels, type Panel } from "./panel.ts";
import { drawSummary } from "./draw-summary.ts";
import { element, styleSheet, text, wrap } from "./svg.ts";

const width = 960;
const margin = 24;
const wide: Columns = { label: 280, bar: 280, value: 104, outcome: 232 };
const narrow: Columns = { label: 218, bar: 128, value: 90, outcome: 0 };

export function toSvg(report: Report): string {
  const head = drawHead(report);
  const summary = drawSummary(report, margin, head.height);
  const sides = twoColumns(sidePanels(report), head.height + summary.height);
  const goals = oneColumn(goalPanels(report), sides.height);
  const height = goals.height + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.ceil(height)}" viewBox="0 0 ${width} ${Math.ceil(height)}" role="img">`,
    element("title", {}, `Figures of the family ${report.family}`),
    `<style>${styleSheet}</style>`,
    element("rect", { width, height: Math.ceil(height), class: "page" }),
    head.svg,
    summary.svg,
    sides.svg,
    goals.svg,
    "</svg>\n",
  ].join("\n");
}

interface Section {
  readonly svg: string;
  /** Where the next one begins. */
  readonly height: number;
}

function drawHead(report: Report): Section {
  const { machine, family, quick, commit } = report;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${machine.fileSystem}, Node ${machine.node}, ${commit === "" ? "" : `${isOfOneRun(report) ? "" : "newest "}commit ${commit}, `}${daysOf(report)}: ${commandsOf(report)}`,
    "Bars of figures are medians over interleaved rounds, whiskers the least and the most of them; an upright mark on one is where ours meets a goal.",
    ...(report.comparisons.length > 0
      ? ["*: the table says what it failed at or lost, or what else to know of it."]
      : []),
    ...(quick ? ["A quick run: it shows that the bench works and decides nothing."] : []),
    ...(isBusy(machine)
      ? [
          `The machine was busy (load ${machine.loadBefore} on ${machine.cores} cores): believe at most the ratios.`,
        ]
      : []),
    ...(!quick && report.rows.some(({ verdict }) => verdict === "undecided")
      ? ["Rows with neither ✓ nor ✗ have no verdict: the table says why."]
      : []),
  ];
  const parts = [text(margin, 40, `Flockwork: ${family}`, "h")];
  let y = 46;
  for (const line of lines.flatMap((each) => wrap(each, width - 2 * margin, 11))) {
    parts.push(text(margin, (y += 15), line, "s"));
  }
  const legend = drawLegend(report, y + 18);
  return { svg: [...parts, legend.svg].join("\n"), height: legend.height };
}

const colours: readonly (readonly [kind: ContenderKind, meaning: string])[] = [
  ["ours", "Flockwork"],
  ["peer", "what it is held against"],
  ["bare", "one that promises less"],
  ["line", "the limit: another language, one that lost something, or no code of ours"],
];

/** Only the colours that the picture has. */
function drawLegend(report: Report, y: number): Section {
  const drawn = new Set<string>(
    [...sidePanels(report), ...goalPanels(report)].flatMap(({ bars }) => bars.map(({ kind }) => kind)),
  );
  if (report.rows.some(({ verdict }) => verdict === "not ours")) drawn.add("line");
  if (drawn.size === 0) return { svg: "", height: y - 4 };
  let x = margin;
  const parts = colours
    .filter(([kind]) => drawn.has(kind))
    .map(([kind, meaning]) => {
      const at = x;
      x += 16 + meaning.length * 6 + 18;
      return `${element("rect", { x: at, y: y - 9, width: 11, height: 11, rx: 2, class: kind })}\n${text(at + 16, y, meaning, "s")}`;
    });
  return { svg: parts.join("\n"), height: y + 14 };
}

function oneColumn(panels: readonly Panel[], top: number): Section {
  let y = top;
  const parts = panels.map((panel) => {
    const drawn = drawPanel(panel, wide, margin, y + 6);
    const rule = element("path", { d: `M${margin} ${y.toFixed(1)}H${width - margin}`, class: "r" });
    y += drawn.height + 6;
    return `${rule}\n${drawn.svg}`;
  });
  return { svg: parts.join("\n"), height: y };
}

function twoColumns(panels: readonly Panel[], top: number): Section {
  const parts: string[] = [];
  let y = top;
  for (let at = 0; at < panels.length; at += 2) {
    const pair = panels.slice(at, at + 2).map((panel, column) => {
      return drawPanel(panel, narrow, margin + (column * (width - 2 * margin + 24)) / 2, y + 6);
    });
    parts.push(element("path", { d: `M${margin} ${y.toFixed(1)}H${width - margin}`, class: "r" }));
    parts.push(...pair.map(({ svg }) => svg));
    y += Math.max(...pair.map(({ height }) => height)) + 6;
  }
  return { svg: parts.join("\n"), height: y };
}
