import type { TimeEntry } from "../time/entry.ts";
import { localTimeOf } from "../time/local-day.ts";
import { clockText, colorsFor, escapeMarkup, shortened } from "./colors.ts";
import { lanesOf, type DayOfLanes, type Lane, type TimelineOptions } from "./lanes.ts";

const width = 960;
const labelWidth = 190;
const totalWidth = 64;
const plotWidth = width - labelWidth - totalWidth - 16;
const laneHeight = 22;
const hourMs = 3_600_000;

/**
 * A timeline as SVG: a row for each actor and day, a bar for each entry, coloured by task. Time that is not billable is hatched;
 * time whose end was inferred after a crash has a dashed edge. A day of 23 or 25 hours is drawn as long as it is.
 */
export function timelineSvg(entries: readonly TimeEntry[], options: TimelineOptions = {}): string {
  const { days, tasks, timeZone } = lanesOf(entries, options);
  const colors = colorsFor(tasks);
  const { title = "Timeline" } = options;
  const longestMs = Math.max(24 * hourMs, ...days.map(({ startMs, endMs }) => endMs - startMs));
  const scale = plotWidth / longestMs;
  const parts: string[] = [];
  let y = 60;
  for (const day of days) {
    if (day.lanes.length === 0) continue;
    parts.push(dayMarkup(day, { y, scale, timeZone, colors }));
    y += 30 + day.lanes.length * laneHeight + 8;
  }
  if (parts.length === 0) {
    parts.push(textAt(labelWidth, y + 14, "No time in these days.", "label"));
    y += 34;
  }
  const legend = legendMarkup(tasks, colors, y + 8);
  const height = legend.endY + 16;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>text{font-family:system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;fill:#1f2933}.title{font-size:18px;font-weight:600}.day{font-size:13px;font-weight:600}.label{font-size:12px}.axis,.total{font-size:11px;fill:#52606d}.grid{stroke:#e4e7eb;stroke-width:1}.bar-text{font-size:11px;fill:#fff}</style>`,
    `<defs><pattern id="not-billable" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2.5" height="6" fill="#fff" fill-opacity="0.55"/></pattern></defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    textAt(16, 28, title, "title"),
    textAt(16, 46, `Local time in ${timeZone}`, "axis"),
    ...parts,
    legend.markup,
    "</svg>",
    "",
  ].join("\n");
}

interface Drawing {
  readonly y: number;
  readonly scale: number;
  readonly timeZone: string;
  readonly colors: ReadonlyMap<string, string>;
}

function dayMarkup(day: DayOfLanes, { y, scale, timeZone, colors }: Drawing): string {
  const parts = [textAt(16, y + 14, day.day, "day")];
  const bottom = y + 24 + day.lanes.length * laneHeight;
  const tick = (atMs: number, label: string): void => {
    const x = round(labelWidth + atMs * scale);
    parts.push(`<line class="grid" x1="${x}" y1="${y + 20}" x2="${x}" y2="${bottom}"/>`);
    if (label !== "") parts.push(textAt(x, y + 14, label, "axis", "middle"));
  };
  const lengthMs = day.endMs - day.startMs;
  for (let atMs = 0; atMs < lengthMs; atMs += 3 * hourMs) {
    // The end of a day of 23 or 25 hours may leave no room for the label before it.
    const isShown = lengthMs - atMs >= 1.5 * hourMs;
    tick(atMs, isShown ? localTimeOf(day.startMs + atMs, timeZone).slice(11, 16) : "");
  }
  tick(lengthMs, "24:00");
  for (const [at, lane] of day.lanes.entries())
    parts.push(laneMarkup(lane, day, { y: y + 24 + at * laneHeight, scale, timeZone, colors }));
  return parts.join("\n");
}

function laneMarkup(
  lane: Lane,
  { startMs, endMs }: DayOfLanes,
  { y, scale, timeZone, colors }: Drawing,
): string {
  const parts = [textAt(labelWidth - 10, y + 14, shortened(lane.actorId, 24), "label", "end")];
  for (const entry of lane.entries) {
    const fromMs = Math.max(entry.startedAtMs, startMs);
    const untilMs = Math.min(entry.endedAtMs, endMs);
    const x = round(labelWidth + (fromMs - startMs) * scale);
    const length = Math.max(1.5, round((untilMs - fromMs) * scale));
    const box = `x="${x}" y="${y + 2}" width="${length}" height="${laneHeight - 4}" rx="2"`;
    const edge = entry.state === "recovered" ? ` stroke="#1f2933" stroke-dasharray="3 2"` : "";
    const times = [entry.startedAtMs, entry.endedAtMs]
      .map((ms) => localTimeOf(ms, timeZone).slice(11, 16))
      .join("–");
    const about = [entry.taskId, times, entry.note ?? entry.reason]
      .filter((each) => each !== undefined)
      .join(" · ");
    parts.push(
      `<g><title>${escapeMarkup(about)}</title><rect ${box} fill="${colors.get(entry.taskId)}"${edge}/>`,
    );
    if (!entry.billable) parts.push(`<rect ${box} fill="url(#not-billable)"/>`);
    const room = Math.floor((length - 8) / 6.4);
    if (room >= Math.min(5, entry.taskId.length))
      parts.push(textAt(x + 5, y + 15, shortened(entry.taskId, room), "bar-text"));
    parts.push("</g>");
  }
  parts.push(textAt(width - 16, y + 14, clockText(lane.workedMs), "total", "end"));
  return parts.join("\n");
}

function legendMarkup(
  tasks: readonly string[],
  colors: ReadonlyMap<string, string>,
  top: number,
): { readonly markup: string; readonly endY: number } {
  const parts: string[] = [];
  let [x, y] = [16, top];
  for (const task of tasks) {
    const name = shortened(task, 28);
    const length = 26 + name.length * 7.2;
    if (x + length > width - 16) [x, y] = [16, y + 20];
    parts.push(`<rect x="${round(x)}" y="${y}" width="12" height="12" rx="2" fill="${colors.get(task)}"/>`);
    parts.push(textAt(round(x + 18), y + 10, name, "label"));
    x += length + 12;
  }
  return { markup: parts.join("\n"), endY: y + 12 };
}

function textAt(x: number, y: number, text: string, style: string, anchor = "start"): string {
  return `<text x="${x}" y="${y}" class="${style}" text-anchor="${anchor}">${escapeMarkup(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
