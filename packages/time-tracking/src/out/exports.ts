/** Entries for other programs: CSV, JSON and iCalendar. Each is complete: no millisecond and no unit of money is rounded. */
import { formatAmount } from "../money/money.ts";
import { defined, type TimeEntry } from "../time/entry.ts";
import { localTimeOf } from "../time/local-day.ts";

const columns = [
  "id",
  "day",
  "start",
  "end",
  "time_zone",
  "local_start",
  "worked_ms",
  "hours",
  "actor",
  "owner",
  "task",
  "project",
  "client",
  "billable",
  "reason",
  "note",
  "state",
  "rate",
  "currency",
  "invoice",
] as const;

/** RFC 4180: CRLF, a header, quotes where they are needed. What a spreadsheet would take for a formula is defused with a `'`. */
export function toCsv(entries: Iterable<TimeEntry>): string {
  const rows = [...entries].map((entry) =>
    columns.map((column) => csvField(cellOf(entry, column))).join(","),
  );
  return [columns.join(","), ...rows].join("\r\n") + "\r\n";
}

function cellOf(entry: TimeEntry, column: (typeof columns)[number]): string | number | undefined {
  const { rate } = entry;
  const cells: Readonly<Record<(typeof columns)[number], string | number | undefined>> = {
    id: entry.id,
    day: entry.localDay,
    start: new Date(entry.startedAtMs).toISOString(),
    end: new Date(entry.endedAtMs).toISOString(),
    time_zone: entry.timeZone,
    local_start: localTimeOf(entry.startedAtMs, entry.timeZone),
    worked_ms: entry.workedMs,
    hours: (entry.workedMs / 3_600_000).toFixed(4),
    actor: entry.actorId,
    owner: entry.ownerId,
    task: entry.taskId,
    project: entry.projectId,
    client: entry.clientId,
    billable: entry.billable ? "yes" : "no",
    reason: entry.reason ?? entry.nonBillableReason,
    note: entry.note,
    state: entry.state,
    rate: rate && formatAmount(rate),
    currency: rate?.currency,
    invoice: entry.invoiceId,
  };
  return cells[column];
}

function csvField(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A JSON document with every field of every entry. Without `pattern`, only how much was worked on each day: no times of day. */
export function toJson(
  entries: Iterable<TimeEntry>,
  options: { readonly pattern?: boolean | undefined } = {},
): string {
  const { pattern = true } = options;
  const list = [...entries].map((entry) => (pattern ? entry : withoutPattern(entry)));
  return `${JSON.stringify({ version: 1, entries: list }, null, 2)}\n`;
}

/** Hours yes, pattern no: when in the day somebody worked is nobody's business who only pays for it. */
function withoutPattern(entry: TimeEntry): object {
  const { localDay, taskId, actorId, projectId, clientId, workedMs, billable, rate, invoiceId } = entry;
  return defined({ localDay, taskId, actorId, projectId, clientId, workedMs, billable, rate, invoiceId });
}

/** RFC 5545: an event for each entry, in UTC, with lines folded at 75 octets. */
export function toICalendar(
  entries: Iterable<TimeEntry>,
  options: { readonly stampedAtMs?: number | undefined } = {},
): string {
  const { stampedAtMs = Date.now() } = options;
  const events = [...entries].flatMap((entry) => [
    "BEGIN:VEVENT",
    `UID:${escapeText(entry.id)}@flockwork`,
    `DTSTAMP:${stampOf(stampedAtMs)}`,
    `DTSTART:${stampOf(entry.startedAtMs)}`,
    `DTEND:${stampOf(entry.endedAtMs)}`,
    `SUMMARY:${escapeText(`${entry.taskId} (${entry.actorId})`)}`,
    ...(entry.note === undefined ? [] : [`DESCRIPTION:${escapeText(entry.note)}`]),
    `CATEGORIES:${entry.billable ? "billable" : "not billable"}`,
    `X-FLOCKWORK-WORKED-MS:${entry.workedMs}`,
    "END:VEVENT",
  ]);
  const calendar = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//flockwork//time-tracking//EN",
    ...events,
    "END:VCALENDAR",
  ];
  return calendar.flatMap(folded).join("\r\n") + "\r\n";
}

function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll(/\r\n|\r|\n/g, String.raw`\n`);
}

/** No line is longer than 75 octets, and no character is cut in two. */
function folded(line: string): string[] {
  const lines: string[] = [];
  let [current, bytes] = ["", 0];
  for (const character of line) {
    const size = Buffer.byteLength(character);
    if (bytes + size > 75) {
      lines.push(current);
      [current, bytes] = [" ", 1];
    }
    current += character;
    bytes += size;
  }
  return [...lines, current];
}
