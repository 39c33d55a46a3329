import { memoryStore } from "@flockwork/core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  invoiceHtml,
  openTimeTracking,
  reportOf,
  timelineSvg,
  timelineText,
  toCsv,
  toICalendar,
  toJson,
  type Invoice,
  type TimeEntry,
} from "../../src/index.ts";

let entries: readonly TimeEntry[] = [];
let invoice: Invoice;
const hostile = `<script>alert("x")</script>\u001b[31m`;

beforeAll(async () => {
  const time = openTimeTracking(memoryStore(), { timeZone: "Europe/Berlin" });
  await time.billing.setRate({ perHour: { minorUnits: 9_500, currency: "EUR" } });
  const add = (taskId: string, actorId: string, from: string, until: string, more = {}): Promise<unknown> =>
    time.add({ taskId, actorId, startedAt: from, endedAt: until, ...more });
  await add("FW-1", "ada", "2026-03-28T20:00:00Z", "2026-03-29T04:00:00Z", {
    note: '=cmd|x, "quoted"\nline',
  });
  await add("FW-2", "nux", "2026-03-28T21:00:00Z", "2026-03-28T23:00:00Z", {
    ownerId: "ada",
    supervision: "supervised",
  });
  await add("FW-3", "nux", "2026-03-29T10:00:00Z", "2026-03-29T10:30:00.001Z", {
    billable: false,
    note: hostile,
  });
  entries = await time.entries();
  invoice = await time.billing.invoice({ clientId: undefined, note: hostile });
});

describe("reports", () => {
  it("P8: days are cut at local midnight, across a change of clocks, and add up", () => {
    const { rows, total } = reportOf(entries, { by: ["day", "actor"], weights: { supervised: 250 } });
    expect(rows.map(({ key, sumMs }) => [key.day, key.actor, sumMs / 60_000])).toEqual([
      ["2026-03-28", "ada", 180],
      ["2026-03-28", "nux", 120],
      ["2026-03-29", "ada", 300],
      ["2026-03-29", "nux", 1_800_001 / 60_000],
    ]);
    expect(total).toMatchObject({
      sumMs: 37_800_001,
      unionMs: 30_600_001,
      billableMs: 36_000_000,
      entries: 3,
    });
    expect(total.weightedMs).toBe(28_800_000 + 1_800_000 + 1_800_001);
    expect(rows.reduce((sum, row) => sum + row.weightedMs, 0)).toBe(total.weightedMs);
  });

  it("a filter by days takes the part of an entry that lies in them", () => {
    const of = (options: object): number => reportOf(entries, options).total.sumMs / 60_000;
    expect(of({ from: "2026-03-29", through: "2026-03-29", actorId: "ada" })).toBe(300);
    expect(of({ from: "2026-03-28", through: "2026-03-28", actorId: "ada", timeZone: "UTC" })).toBe(240);
    expect(of({ by: ["week"], ownerId: "ada" })).toBe(120);
  });
});

describe("exports", () => {
  it("CSV has a row for each entry, quotes what needs it, and hands no formula to a spreadsheet", () => {
    const text = toCsv(entries);
    expect(text.split("\r\n").length).toBeGreaterThanOrEqual(5);
    expect(text).toContain(`"'=cmd|x, ""quoted""\nline"`);
    expect(text).toContain("2026-03-28T21:00:00,28800000,8.0000");
  });

  it("JSON has every field, or, without the pattern, no time of day", () => {
    expect((JSON.parse(toJson(entries)) as { entries: unknown[] }).entries).toEqual(entries);
    const bare = toJson(entries, { pattern: false });
    expect(bare).not.toMatch(/startedAt|endedAt|T\d\d:/);
    expect(bare).toContain('"workedMs": 28800000');
  });

  it("iCalendar lines are at most 75 octets and unfold to what was written", () => {
    const text = toICalendar(entries, { stampedAtMs: 0 });
    for (const line of text.split("\r\n")) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    const unfolded = text.replaceAll("\r\n ", "");
    expect(unfolded).toContain("DTSTART:20260328T200000Z");
    expect(unfolded).toContain(String.raw`DESCRIPTION:=cmd|x\, "quoted"\nline`);
    expect(text.match(/BEGIN:VEVENT/g)).toHaveLength(3);
  });
});

describe("pictures", () => {
  it("the SVG shows a bar for each part of a day, hatches what is not billable, and lets no markup in", () => {
    const svg = timelineSvg(entries, { title: hostile });
    expect(svg).not.toContain("<script>");
    expect(svg).not.toContain("\u001b");
    expect(svg.match(/<g><title>/g)).toHaveLength(4);
    expect(svg).toContain('fill="url(#not-billable)"');
    expect(svg).toContain(">3:00<");
  });

  it("both pictures show a night through to its end, and the day that the clocks change as long as it is", () => {
    const [night] = entries;
    const alone = [night as TimeEntry];
    const svg = timelineSvg(alone);
    expect(svg.match(/<g><title>/g)).toHaveLength(2);
    expect(svg.match(/>24:00</g)).toHaveLength(2);
    expect(timelineText(alone)).toMatch(/2026-03-29 .*04.*07[^]*5:00\n/);
  });

  it("a letter, and a colour, mean one task, however many there are", () => {
    const [first] = entries;
    const many = Array.from({ length: 40 }, (_, at) => ({
      ...(first as TimeEntry),
      taskId: `T${at}`,
      billable: at % 2 === 0,
      startedAtMs: (first?.startedAtMs ?? 0) + at * 600_000,
      endedAtMs: (first?.startedAtMs ?? 0) + (at + 1) * 600_000,
    }));
    const legend = timelineText(many, { columns: 300 }).match(/^ {2}. T\d+$/gm) ?? [];
    const signs = legend.map((line) => line[2]);
    expect(signs.filter((sign) => sign !== "#").join("")).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    expect(signs.filter((sign) => sign === "#")).toHaveLength(14);
    expect(timelineText(many, { columns: 300 })).toMatch(/#+\++#+/);
    const fills = [...timelineSvg(many).matchAll(/height="12" rx="2" fill="([^"]+)"/g)].map(
      ([, fill]) => fill,
    );
    expect(new Set(fills).size).toBe(40);
  });

  it("the chart for terminals has the width it is given, and obeys no escape code of a file", () => {
    const text = timelineText([{ ...(entries[0] as TimeEntry), taskId: hostile }], { columns: 80 });
    expect(text).not.toContain("\u001b");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(timelineText(entries, { color: true })).toContain("\u001b[34mA\u001b[0m");
    expect(timelineText([])).toContain("No time in these days.");
  });

  it("the invoice as a page shows every line and the total, loads nothing, and lets no markup in", () => {
    const html = invoiceHtml(invoice, {
      from: "Ada",
      to: hostile,
      descriptions: { "FW-1": "Night shift & more" },
    });
    expect(html).not.toContain("<script");
    expect(html).not.toMatch(/https?:|url\(/);
    expect(html).toContain("Night shift &amp; more");
    for (const { amount } of invoice.lines)
      expect(html).toContain(`${(amount.minorUnits / 100).toFixed(2)} EUR`);
    expect(html).toContain("950.00 EUR");
    const night = { ...invoice, issuedAtMs: Date.UTC(2026, 11, 31, 23, 30) };
    expect(invoiceHtml(night, { timeZone: "Europe/Berlin" })).toContain("<dd>2027-01-01</dd>");
    // On paper: a long word must not push the amounts off the page, and the total stands at the end, not on every page.
    expect(html).toContain("overflow-wrap: anywhere");
    expect(html).toContain("tfoot { display: table-row-group");
  });
});
