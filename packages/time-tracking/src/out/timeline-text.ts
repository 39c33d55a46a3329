import type { TimeEntry } from "../time/entry.ts";
import { overlaps } from "../time/interval.ts";
import { localTimeOf } from "../time/local-day.ts";
import { clockText, shortened } from "./colors.ts";
import { lanesOf, type DayOfLanes, type Lane, type TimelineOptions } from "./lanes.ts";

/** How a timeline is drawn in a terminal. */
export interface TerminalTimelineOptions extends TimelineOptions {
  /** Columns. Default 100; at least 60. */
  readonly columns?: number | undefined;
  /** Colours by escape codes. Default false: tasks are told apart by letters. */
  readonly color?: boolean | undefined;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const codes = [34, 33, 32, 31, 35, 36, 93, 90] as const;
const labelWidth = 14;
const totalWidth = 7;

/** A timeline for a terminal: a row for each actor and day, one letter for each task, small where it is not billable. */
export function timelineText(entries: readonly TimeEntry[], options: TerminalTimelineOptions = {}): string {
  const { days, tasks, timeZone } = lanesOf(entries, options);
  const { columns = 100, color = false, title } = options;
  const cells = Math.max(60, Math.floor(columns)) - labelWidth - totalWidth - 2;
  const lines = [`${printable(title ?? "Timeline")}, local time in ${timeZone}`];
  for (const day of days) {
    if (day.lanes.length === 0) continue;
    lines.push("", axisOf(day, cells, timeZone));
    for (const lane of day.lanes) lines.push(laneText(lane, day, cells, tasks, color));
  }
  if (tasks.length === 0) lines.push("", "No time in these days.");
  else lines.push("", ...tasks.map((task, at) => `  ${paint(letterOf(at), at, color)} ${printable(task)}`));
  return `${lines.join("\n")}\n`;
}

function axisOf({ day, startMs, endMs }: DayOfLanes, cells: number, timeZone: string): string {
  const axis = Array.from({ length: cells }, () => " ");
  for (let atMs = startMs; atMs < endMs; atMs += 3 * 3_600_000) {
    const hour = localTimeOf(atMs, timeZone).slice(11, 13);
    const at = Math.floor(((atMs - startMs) / (endMs - startMs)) * cells);
    axis.splice(at, 2, hour.slice(0, 1), hour.slice(1));
  }
  return `${day.padEnd(labelWidth)}${axis.slice(0, cells).join("").trimEnd()}`;
}

function laneText(
  lane: Lane,
  { startMs, endMs }: DayOfLanes,
  cells: number,
  tasks: readonly string[],
  color: boolean,
): string {
  const cellMs = (endMs - startMs) / cells;
  let row = "";
  for (let cell = 0; cell < cells; cell += 1) {
    const stretch = { startedAtMs: startMs + cell * cellMs, endedAtMs: startMs + (cell + 1) * cellMs };
    const entry = longestIn(lane.entries, stretch);
    if (entry === undefined) {
      row += "·";
      continue;
    }
    const at = tasks.indexOf(entry.taskId);
    row += paint(entry.billable ? letterOf(at) : letterOf(at).toLowerCase(), at, color);
  }
  const name = shortened(printable(lane.actorId), labelWidth - 2).padEnd(labelWidth);
  return `${name}${row} ${clockText(lane.workedMs).padStart(totalWidth)}`;
}

/** The entry that takes up most of a cell. */
function longestIn(
  entries: readonly TimeEntry[],
  stretch: { readonly startedAtMs: number; readonly endedAtMs: number },
): TimeEntry | undefined {
  const lengthIn = (entry: TimeEntry): number =>
    Math.min(entry.endedAtMs, stretch.endedAtMs) - Math.max(entry.startedAtMs, stretch.startedAtMs);
  return entries
    .filter((entry) => overlaps(entry, stretch))
    .reduce<TimeEntry | undefined>(
      (longest, entry) => (longest === undefined || lengthIn(entry) > lengthIn(longest) ? entry : longest),
      undefined,
    );
}

function letterOf(at: number): string {
  return letters[at % letters.length] ?? "?";
}

function paint(text: string, at: number, color: boolean): string {
  return color ? `\u001b[${codes[at % codes.length]}m${text}\u001b[0m` : text;
}

/** Titles come from files: what a terminal would obey is taken out. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}
