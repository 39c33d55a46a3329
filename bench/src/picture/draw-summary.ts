/** Draws a line for each goal: a bar that begins at the goal and ends at what was reached, on the right where that is better, on the left where it is worse. */
import { countLine, type Report } from "../measure/report.ts";
import { goalLines, type GoalLine, type Mark } from "./summary.ts";
import { element, shorten, text } from "./svg.ts";

const lineHeight = 14;
const size = 10.2; // of 11: what it takes on average
const columns = { label: 544, bar: 190, value: 178 } as const;
/** Bars that go further are cut, with an arrow. The same in all pictures, so that they can be compared. */
const mostTimes = 16;
const signs: Readonly<Record<Mark, string>> = { met: "✓ ", missed: "✗ ", none: "", line: "" };

/** Nothing, where no row has a goal. */
export function drawSummary(
  report: Report,
  left: number,
  top: number,
): { readonly svg: string; readonly height: number } {
  const lines = goalLines(report);
  if (lines.length === 0) return { svg: "", height: 0 };
  const goalAt = left + columns.label + columns.bar / 2;
  const first = top + 30;
  const bottom = first + lines.length * lineHeight;
  const grid = [
    [1 / 4, "a quarter"],
    [1, "goal"],
    [4, "4 times"],
  ] as const;
  const parts = [
    text(left, top + 22, `Goals: ${countLine(report.rows)}`, "t"),
    ...grid.flatMap(([times, label]) => {
      const x = goalAt + lengthOf(times);
      return [
        element("path", { d: `M${x} ${first - 3}V${bottom}`, class: times === 1 ? "g" : "r" }),
        text(x, top + 22, label, "s m"),
      ];
    }),
    ...lines.map((line, at) => drawLine(line, left, goalAt, first + at * lineHeight)),
  ];
  return { svg: parts.join("\n"), height: bottom + 14 - top };
}

function drawLine(line: GoalLine, left: number, goalAt: number, top: number): string {
  const { name, beside, mark, timesGoal } = line;
  const middle = top + lineHeight / 2;
  const room = columns.label - 10;
  const label = shorten(beside === "" ? name : `${name} (${beside})`, room, size);
  const length = lengthOf(timesGoal);
  const x = goalAt + Math.min(length, 0);
  return [
    text(left, middle + 4, label, mark === "none" || mark === "line" ? "s" : "n"),
    element("rect", {
      x,
      y: middle - 4,
      width: Math.max(Math.abs(length), 1),
      height: 8,
      class: `${mark}-bar`,
    }),
    ...(Math.abs(length) < columns.bar / 2 ? [] : [arrow(goalAt + length, middle, Math.sign(length))]),
    text(
      left + columns.label + columns.bar + 10,
      middle + 4,
      shorten(`${signs[mark]}${line.text}`, columns.value, size),
      mark,
    ),
  ].join("\n");
}

/** From the goal, in pixels; to the left of it where it is negative. */
function lengthOf(timesGoal: number): number {
  const share = Math.log(timesGoal) / Math.log(mostTimes);
  return Math.min(Math.max(share, -1), 1) * (columns.bar / 2);
}

function arrow(x: number, middle: number, direction: number): string {
  return element("path", {
    d: `M${x + direction} ${middle - 4}l${direction * 4} 4l${-direction * 4} 4`,
    class: "w",
  });
}
