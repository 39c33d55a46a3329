import type { TimeEntry } from "../time/entry.ts";
import { overlaps } from "../time/interval.ts";
import { localTimeOf } from "../time/local-day.ts";
import { clockText, shortened } from "./colors.ts";
import { lanesOf, type DayOfLanes, type Lane, type TimelineOptions } from "./lanes.ts";

/** How a timeline is drawn in a terminal. */
export interface TerminalTimelineOptions extends TimelineOptions {
  /** Columns. Default 100; at least 60. */
  readonly columns?: number | undefined;
  /** Colours by escape codes, beside the letters. Default false. */
  readonly color?: boolean | undefined;
}

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/** What stands for the tasks that are left when there are no more letters; the second one where they are not billable. */
const others = ["#", "+"] as const;
const codes = [34, 33, 32, 31, 35, 36, 93, 90] as const;
const shortestLabel = 14;
const totalWidth = 7;

/** What all rows of a chart have in common. */
interface Chart {
  readonly timeZone: string;
  readonly labelWidth: number;
  /** Columns of the plot. */
  readonly cells: number;
  readonly tasks: readonly string[];
  readonly color: boolean;
}

/**
 * A timeline for a terminal: a row for each actor and day, one letter for each task, small where it is not billable. Of more tasks
 * than there are letters, those that come last share a `#`, or a `+` where they are not billable.
 */
export function timelineText(entries: readonly TimeEntry[], options: TerminalTimelineOptions = {}): string {
  const { days, tasks, timeZone } = lanesOf(entries, options);
  const { columns = 100, color = false, title } = options;
  const width = Math.max(60, Math.floor(columns));
  const names = days.flatMap(({ lanes }) => lanes.map(({ actorId }) => printable(actorId).length));
  const labelWidth = Math.min(
    Math.max(shortestLabel, ...names.map((length) => length + 2)),
    Math.ceil(width / 4),
  );
  const chart = { timeZone, labelWidth, cells: width - labelWidth - totalWidth - 1, tasks, color };
  const lines = [`${printable(title ?? "Timeline")}, local time in ${timeZone}`];
  for (const day of days) {
    if (day.lanes.length === 0) continue;
    lines.push("", axisOf(day, chart));
    for (const lane of day.lanes) lines.push(laneText(lane, day, chart));
  }
  if (tasks.length === 0) lines.push("", "No time in these days.");
  else
    lines.push(
      "",
      ...tasks.map((task, at) => `  ${paint(letterOf(at, true), at, color)} ${printable(task)}`),
    );
  return `${lines.join("\n")}\n`;
}

function axisOf({ day, startMs, endMs }: DayOfLanes, { timeZone, labelWidth, cells }: Chart): string {
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
  { labelWidth, cells, tasks, color }: Chart,
): string {
  const cellMs = (endMs - startMs) / cells;
  let row = "";
  for (let cell = 0; cell < cells; cell += 1) {
    const stretch = { startedAtMs: startMs + cell * cellMs, endedAtMs: startMs + (cell + 1) * cellMs };
    const entry = longestIn(lane.entries, stretch);
    const at = entry === undefined ? -1 : tasks.indexOf(entry.taskId);
    row += entry === undefined ? "·" : paint(letterOf(at, entry.billable), at, color);
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

/** A letter means one task. */
function letterOf(at: number, billable: boolean): string {
  const letter = letters[at];
  if (letter === undefined) return others[billable ? 0 : 1];
  return billable ? letter : letter.toLowerCase();
}

function paint(text: string, at: number, color: boolean): string {
  return color ? `\u001b[${codes[at % codes.length]}m${text}\u001b[0m` : text;
}

/** Titles come from files: what a terminal would obey is taken out. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, "?");
}
