import type { Invoice, InvoiceLine } from "../billing/invoice.ts";
import { formatAmount, type Money } from "../money/money.ts";
import { checkTimeZone, localDayOf } from "../time/local-day.ts";
import { clockText, escapeMarkup } from "./colors.ts";

/** Who bills whom, as it stands on the page. Lines are separated by newlines. */
export interface InvoicePage {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly title?: string | undefined;
  /** Below the total: terms, tax, an account. */
  readonly footer?: string | undefined;
  /** Whose day is the date of the invoice. Default `"UTC"`. */
  readonly timeZone?: string | undefined;
  /** Words for lines, by their keys: titles of tasks. */
  readonly descriptions?: Readonly<Record<string, string>> | undefined;
}

/** An invoice as one page of HTML that prints well: no script, nothing loaded from elsewhere. */
export function invoiceHtml(invoice: Invoice, page: InvoicePage = {}): string {
  const { title = invoice.voids === undefined ? "Invoice" : "Credit note", footer } = page;
  const issued = localDayOf(invoice.issuedAtMs, checkTimeZone("timeZone", page.timeZone ?? "UTC"));
  const period = [invoice.from, invoice.through].filter((day) => day !== undefined).join(" to ");
  const facts = [
    ["Number", invoice.id],
    ["Cancels", invoice.voids ?? ""],
    ["Date", issued],
    ["Period", period],
    ["Client", invoice.clientId ?? ""],
  ].filter(([, value]) => value !== "");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeMarkup(`${title} ${invoice.id}`)}</title>
<style>
@page { size: A4; margin: 20mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif; color: #52606d; } }
body { font: 11pt/1.45 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; color: #1f2933; margin: 0; overflow-wrap: anywhere; }
@media print { body { font-size: 10pt; } }
@media screen { body { max-width: 170mm; margin: 12mm auto; padding: 0 6mm; } }
header { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 6mm 12mm; margin-bottom: 12mm; }
h1 { font-size: 22pt; font-weight: 600; margin: 0 0 8mm; }
address { font-style: normal; white-space: pre-line; }
dl { display: grid; grid-template-columns: auto auto; gap: 1mm 6mm; margin: 0; align-content: start; }
dt { color: #52606d; } dd { margin: 0; text-align: right; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; white-space: nowrap; border-bottom: 1.5pt solid #1f2933; padding: 2mm 3mm 2mm 0; }
td { border-bottom: 0.5pt solid #cbd2d9; padding: 2mm 3mm 2mm 0; vertical-align: top; }
th.n, td.n { text-align: right; white-space: nowrap; padding-right: 0; padding-left: 4mm; }
tfoot { display: table-row-group; break-inside: avoid; break-before: avoid; }
tfoot td { border-bottom: 0; border-top: 1.5pt solid #1f2933; font-weight: 600; font-size: 12pt; }
tr, footer { break-inside: avoid; }
footer { margin-top: 10mm; color: #52606d; white-space: pre-line; }
</style>
</head>
<body>
<header>
<address>${escapeMarkup(page.from ?? "")}</address>
<dl>${facts.map(([name = "", value = ""]) => `<dt>${name}</dt><dd>${escapeMarkup(value)}</dd>`).join("")}</dl>
</header>
<h1>${escapeMarkup(title)}</h1>
${page.to === undefined ? "" : `<address style="margin-bottom: 10mm">${escapeMarkup(page.to)}</address>`}
<table>
<thead><tr><th>Work</th><th class="n">Hours</th><th class="n">Per hour</th><th class="n">Amount</th></tr></thead>
<tbody>
${invoice.lines.map((line) => rowOf(line, page)).join("\n")}
</tbody>
<tfoot><tr><td>Total</td><td class="n">${hoursText(invoice.billedMs)}</td><td></td><td class="n">${moneyText(invoice.total)}</td></tr></tfoot>
</table>
<footer>${escapeMarkup([invoice.note, roundingText(invoice), footer].filter((each) => each !== undefined && each !== "").join("\n"))}</footer>
</body>
</html>
`;
}

function rowOf({ key, description, billedMs, perHour, amount }: InvoiceLine, page: InvoicePage): string {
  const { descriptions = {} } = page;
  const words = (Object.hasOwn(descriptions, key) ? descriptions[key] : undefined) ?? description;
  const numbers = [hoursText(billedMs), moneyText(perHour), moneyText(amount)].map(
    (text) => `<td class="n">${text}</td>`,
  );
  return `<tr><td>${escapeMarkup(words)}</td>${numbers.join("")}</tr>`;
}

/** Hours and minutes; with seconds where there are some. */
function hoursText(ms: number): string {
  const sign = ms < 0 ? "−" : "";
  const whole = Math.abs(ms);
  const seconds = Math.floor((whole % 60_000) / 1_000);
  return `${sign}${clockText(whole)}${seconds === 0 ? "" : `:${String(seconds).padStart(2, "0")}`}`;
}

function moneyText(money: Money): string {
  return `${formatAmount(money).replace("-", "−")} ${money.currency}`;
}

function roundingText({ rounding, basis }: Invoice): string {
  const { direction, incrementMinutes = 1, scope } = rounding;
  const bases = {
    sum: "",
    union: "Time of several at once is counted once. ",
    weighted: "Time is weighted by supervision. ",
  };
  if (direction === "none") return bases[basis].trim();
  const how = { up: "up", down: "down", nearest: "to the nearest" }[direction];
  const minutes = incrementMinutes === 1 ? "minute" : `${incrementMinutes} minutes`;
  return `${bases[basis]}The time of ${scope === "line" ? "each line" : "the invoice"} is rounded ${how} ${direction === "nearest" ? minutes : `to ${minutes}`}.`;
}
