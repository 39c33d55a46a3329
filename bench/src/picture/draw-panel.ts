/** Draws one panel: title, bars with the spread of their rounds, figures, and where the goal lies. */
import type { Bar, Panel } from "./panel.ts";
import { element, text, wrap } from "./svg.ts";

/** Widths of the columns, in pixels. */
export interface Columns {
  readonly label: number;
  readonly bar: number;
  readonly value: number;
  readonly outcome: number;
}

export interface Drawing {
  readonly svg: string;
  readonly height: number;
}

const lineHeight = 13;
const gap = 8;

export function drawPanel(panel: Panel, columns: Columns, left: number, top: number): Drawing {
  const width = columns.label + columns.bar + columns.value + columns.outcome;
  const direction = panel.better === "more" ? "longer is better" : "shorter is better";
  const durability = panel.durability === "none" ? [] : [`durability ${panel.durability}`];
  const caption = [...durability, direction, ...(panel.others === undefined ? [] : [panel.others])].join(
    " · ",
  );
  const titles = wrap(panel.title, width - gap, 13.5);
  let y = top;
  const parts = titles.map((line) => text(left, (y += 16), line, "t"));
  parts.push(text(left, (y += 15), caption, "s"));
  y += 5;
  const scale = columns.bar / domainOf(panel);
  for (const [at, bar] of panel.bars.entries()) {
    const drawn = drawBar(bar, columns, left, y, scale);
    parts.push(drawn.svg);
    if (at === 0) parts.push(...panel.goals.map((goal) => goalMark(goal, columns, left, y, scale)));
    y += drawn.height;
  }
  return { svg: parts.join("\n"), height: y - top + 12 };
}

/** The longest bar fills the column; a goal may be far out, a single bad round may not squeeze the rest. */
function domainOf({ bars, goals }: Panel): number {
  const values = bars.map(({ value }) => value ?? 0);
  const longest = Math.max(...values, Number.MIN_VALUE);
  const ends = bars.map(({ range }) => Math.min(range?.[1] ?? 0, longest * 1.6));
  return Math.max(longest, ...ends, ...goals.map((goal) => Math.min(goal, longest * 3)));
}

function drawBar(bar: Bar, columns: Columns, left: number, top: number, scale: number): Drawing {
  const labels = wrap(bar.label, columns.label - gap, 11);
  const height = Math.max(16, labels.length * lineHeight + 2);
  const middle = top + height / 2;
  const first = middle - ((labels.length - 1) * lineHeight) / 2 + 4;
  const from = left + columns.label;
  const length = Math.max((bar.value ?? 0) * scale, 1);
  const valueAt = from + columns.bar + gap;
  const weight = bar.kind === "ours" && bar.label.length < 20 ? "b" : ""; // a long label would not fit in bold
  return {
    height,
    svg: [
      ...labels.map((line, at) => text(from - gap, first + at * lineHeight, line, `n e ${weight}`.trim())),
      element("rect", { x: from, y: middle - 5.5, width: length, height: 11, rx: 2, class: bar.kind }),
      ...(bar.range === undefined ? [] : [whisker(bar.range, from, middle, scale, columns.bar)]),
      text(valueAt, middle + 4, bar.text, `n ${weight}`.trim()),
      ...(bar.outcome === undefined
        ? []
        : [text(valueAt + columns.value, middle + 4, bar.outcome.text, outcomeClass(bar.outcome.verdict))]),
    ].join("\n"),
  };
}

function outcomeClass(verdict: "met" | "missed" | "none"): string {
  return verdict === "none" ? "s" : verdict;
}

function whisker(
  [low, high]: readonly [number, number],
  from: number,
  middle: number,
  scale: number,
  most: number,
): string {
  const start = from + Math.min(low * scale, most);
  const end = from + Math.min(high * scale, most);
  const cap = (x: number): string => `M${x.toFixed(1)} ${(middle - 3).toFixed(1)}v6`;
  const endCap = high * scale > most + 0.5 ? `m-4 -3l4 3l-4 3` : cap(end); // an arrow: it goes on
  return element("path", {
    d: `${cap(start)}M${start.toFixed(1)} ${middle.toFixed(1)}H${end.toFixed(1)}${endCap}`,
    class: "w",
  });
}

function goalMark(goal: number, columns: Columns, left: number, top: number, scale: number): string {
  const x = left + columns.label + Math.min(Math.max(goal, 0) * scale, columns.bar);
  const isBeyond = goal * scale > columns.bar + 0.5;
  const arrow = isBeyond ? `m2 -13l4 4l-4 4` : "";
  return element("path", { d: `M${x.toFixed(1)} ${top - 1}v18${arrow}`, class: "g" });
}
