/** Invoices: pure, from entries to lines that add up. */
import { BillingError } from "../errors.ts";
import { apportion, roundHalfUp } from "../money/apportion.ts";
import { minorUnitsOf, type Money } from "../money/money.ts";
import { checkRounding, roundDuration, type Rounding } from "../money/rounding.ts";
import { weightOf, type Weights } from "../out/report.ts";
import type { TimeEntry } from "../time/entry.ts";
import { shareUnion } from "../time/interval.ts";
import type { Adjustment } from "./adjustment.ts";

/** Which of the three totals is billed. */
export type BillingBasis = "sum" | "union" | "weighted";
export const bases: readonly BillingBasis[] = ["sum", "union", "weighted"];

export function isBasis(value: unknown): value is BillingBasis {
  return bases.includes(value as BillingBasis);
}

/** By what lines are made. */
export type LineKey = "task" | "actor" | "project" | "day" | "entry";

export interface InvoiceLine {
  readonly key: string;
  readonly description: string;
  /** What was worked, by the basis; of a correction, what was corrected. */
  readonly exactMs: number;
  /** What is billed, after rounding. */
  readonly billedMs: number;
  readonly perHour: Money;
  readonly amount: Money;
  readonly entries: number;
  readonly kind: "work" | "correction";
}

/** A bill. It is never changed; `voids` makes another one nothing. */
export interface Invoice {
  readonly id: string;
  /** The invoice that this record takes back; its time can be billed anew. */
  readonly voids?: string | undefined;
  readonly clientId?: string | undefined;
  readonly from?: string | undefined;
  readonly through?: string | undefined;
  readonly issuedAtMs: number;
  readonly basis: BillingBasis;
  readonly rounding: Rounding;
  readonly lines: readonly InvoiceLine[];
  readonly billedMs: number;
  readonly total: Money;
  readonly entryIds: readonly string[];
  readonly adjustmentIds: readonly string[];
  readonly note?: string | undefined;
  /** The hash of the record before; empty for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** How lines are made. */
export interface LineOptions {
  readonly by?: LineKey | undefined;
  readonly basis?: BillingBasis | undefined;
  readonly weights?: Weights | undefined;
  readonly rounding?: Rounding | undefined;
}

/** Entries and corrections with the rate that holds for them. */
export interface Billable {
  readonly entries: readonly (TimeEntry & { readonly rate: Money })[];
  readonly adjustments: readonly (Adjustment & { readonly rate: Money })[];
}

interface Group {
  readonly key: string;
  readonly perHour: Money;
  /** Thousandths of milliseconds. */
  exact: bigint;
  entries: number;
}

const hourMs = 3_600_000n;
/** ISO 4217: "no currency is involved". */
const noCurrency = "XXX";

/**
 * Makes the lines of an invoice. Durations are rounded once; hours and money are then shared among the lines by largest
 * remainder, so that they add up to the totals: no cent is lost and none appears.
 *
 * @throws {BillingError} `ERR_BILLING`: rates of several currencies.
 */
export function makeLines(
  { entries, adjustments }: Billable,
  options: LineOptions,
): Pick<Invoice, "lines" | "billedMs" | "total"> {
  const { by = "task", basis = "sum", weights = {} } = options;
  const currency = currencyOf([...entries, ...adjustments].map(({ rate }) => rate.currency));
  const groups = groupsOf(entries, by, basis, weights);
  const billedMs = roundGroups(groups, checkRounding(options.rounding));
  const numerators = groups.map(({ perHour }, at) => BigInt(billedMs[at] ?? 0) * BigInt(perHour.minorUnits));
  const whole = roundHalfUp(
    numerators.reduce((sum, each) => sum + each, 0n),
    hourMs,
  );
  const amounts = apportion(numerators, hourMs, whole);
  const work = groups.map(({ key, perHour, exact, entries: count }, at): InvoiceLine => {
    const amount = { minorUnits: minorUnitsOf(amounts[at] ?? 0n), currency };
    const exactMs = Number(roundHalfUp(exact, 1_000n));
    return {
      key,
      description: key,
      exactMs,
      billedMs: billedMs[at] ?? 0,
      perHour,
      amount,
      entries: count,
      kind: "work",
    };
  });
  const lines = [...work, ...adjustments.map((each) => correctionLine(each, currency))];
  return {
    lines,
    billedMs: lines.reduce((sum, line) => sum + line.billedMs, 0),
    total: { minorUnits: lines.reduce((sum, { amount }) => sum + amount.minorUnits, 0), currency },
  };
}

function groupsOf(
  entries: Billable["entries"],
  by: LineKey,
  basis: BillingBasis,
  weights: Weights,
): readonly Group[] {
  const shares = basis === "union" ? shareUnion(entries) : [];
  const groups = new Map<string, Group>();
  for (const [at, entry] of entries.entries()) {
    const { rate, workedMs } = entry;
    const ms = basis === "union" ? Math.min(shares[at] ?? 0, workedMs) : workedMs;
    const exact = BigInt(ms) * BigInt(basis === "weighted" ? weightOf(entry, weights) : 1_000);
    const key = keyOf(entry, by);
    const name = JSON.stringify([key, rate.minorUnits]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { key, perHour: rate, exact, entries: 1 });
    else {
      group.exact += exact;
      group.entries += 1;
    }
  }
  return [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
}

/** What each group bills, in milliseconds. */
function roundGroups(groups: readonly Group[], rounding: Rounding): readonly number[] {
  const { direction, incrementMinutes = 1 } = rounding;
  const exact = groups.map((group) => group.exact);
  if (rounding.scope === "line")
    return exact.map((each) => roundDuration(Number(roundHalfUp(each, 1_000n)), rounding));
  const sum = exact.reduce((total, each) => total + each, 0n);
  const roundedMs = roundDuration(Number(roundHalfUp(sum, 1_000n)), rounding);
  const stepMs = incrementMinutes * 60_000;
  const unitMs = direction === "none" ? 1 : roundedMs % stepMs === 0 ? stepMs : 60_000;
  const units = apportion(exact, 1_000n * BigInt(unitMs), BigInt(roundedMs / unitMs));
  return units.map((each) => Number(each) * unitMs);
}

/** Corrections are exact: they are never rounded in time, and their money is rounded to the nearest, halves away from zero. */
function correctionLine(
  { id, deltaMs, rate, reason, entryId }: Billable["adjustments"][number],
  currency: string,
): InvoiceLine {
  const exact = roundHalfUp(BigInt(Math.abs(deltaMs)) * BigInt(rate.minorUnits), hourMs);
  const minorUnits = minorUnitsOf(deltaMs < 0 ? -exact : exact);
  const description = `Correction of ${entryId}: ${reason}`;
  return {
    key: id,
    description,
    exactMs: deltaMs,
    billedMs: deltaMs,
    perHour: rate,
    entries: 1,
    kind: "correction",
    amount: { minorUnits: minorUnits === 0 ? 0 : minorUnits, currency },
  };
}

function keyOf(entry: TimeEntry, by: LineKey): string {
  if (by === "entry") return entry.id;
  if (by === "day") return entry.localDay;
  if (by === "actor") return entry.actorId;
  if (by === "project") return entry.projectId ?? "";
  return entry.taskId;
}

function currencyOf(currencies: readonly string[]): string {
  const distinct = [...new Set(currencies)];
  if (distinct.length > 1)
    throw new BillingError(
      "make an invoice",
      `its rates are in ${distinct.join(" and ")}: bill each by itself`,
    );
  return distinct[0] ?? noCurrency;
}
