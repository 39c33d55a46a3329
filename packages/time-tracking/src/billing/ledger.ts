import type { DocumentSpec } from "@flockwork/core";
import { isInstantMs, isObject } from "../arguments.ts";
import { isMoney } from "../money/money.ts";
import type { Rate } from "../money/rates.ts";
import { isRounding } from "../money/rounding.ts";
import type { Lockable } from "../timers/rules.ts";
import type { Adjustment } from "./adjustment.ts";
import type { Budget } from "./budget.ts";
import { isBasis, type Invoice } from "./invoice.ts";
import type { Seal } from "./seal.ts";

/** What is agreed, billed and closed: `.flowforge/billing/ledger.json`. Unknown fields are kept. */
export interface Ledger {
  version: 1;
  rates: Rate[];
  budgets: Budget[];
  invoices: Invoice[];
  seals: Seal[];
  adjustments: Adjustment[];
}

const lists = ["rates", "budgets", "invoices", "seals", "adjustments"] as const;

type Json = Readonly<Record<string, unknown>>;

const isMs = (value: unknown): boolean => Number.isSafeInteger(value);
const isOptional = (value: unknown, is: (value: unknown) => boolean): boolean =>
  value === undefined || is(value);
const isText = (value: unknown): boolean => typeof value === "string";
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const areOptionalTexts = (...values: readonly unknown[]): boolean =>
  values.every((value) => isOptional(value, isText));
const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every(Number.isFinite);

/** What is worked with: what a field says beside is kept. */
const rules: Readonly<Record<(typeof lists)[number], (value: Json) => boolean>> = {
  rates: ({ perHour, from, through }) =>
    isMoney(perHour) && perHour.minorUnits >= 0 && areOptionalTexts(from, through),
  budgets: ({ id, from, through, limitMs, limit, alertsAt, alerted }) =>
    isText(id) &&
    areOptionalTexts(from, through) &&
    isOptional(limitMs, isMs) &&
    isOptional(limit, isMoney) &&
    isNumbers(alertsAt) &&
    isNumbers(alerted),
  invoices: (invoice) => isSummed(invoice) && isTold(invoice),
  seals: ({ through, days, hash }) =>
    isText(through) &&
    isText(hash) &&
    isObject(days) &&
    Object.values(days).every((each) => isObject(each) && isText(each["digest"]) && isMs(each["entries"])),
  adjustments: ({ id, entryId, taskId, actorId, reason, localDay, invoiceId, deltaMs, rate }) =>
    isTexts([id, entryId, taskId, actorId, reason, localDay]) &&
    isOptional(invoiceId, isText) &&
    isMs(deltaMs) &&
    isOptional(rate, isMoney),
};

/** Of an invoice: what its sums and its marks are told by. */
function isSummed({ id, voids, total, billedMs, lines, entryIds, adjustmentIds }: Json): boolean {
  return (
    isText(id) &&
    isOptional(voids, isText) &&
    isMoney(total) &&
    isMs(billedMs) &&
    Array.isArray(lines) &&
    lines.every(isLine) &&
    isTexts(entryIds) &&
    isTexts(adjustmentIds)
  );
}

/** Of an invoice: what stands on its page beside. */
function isTold({ issuedAtMs, clientId, from, through, note, basis, rounding }: Json): boolean {
  return (
    isInstantMs(issuedAtMs) &&
    areOptionalTexts(clientId, from, through, note) &&
    isBasis(basis) &&
    isRounding(rounding)
  );
}

function isLine(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { key, description, perHour, amount, billedMs } = value;
  return isTexts([key, description]) && isMoney(perHour) && isMoney(amount) && isMs(billedMs);
}

export function emptyLedger(): Ledger {
  return { version: 1, rates: [], budgets: [], invoices: [], seals: [], adjustments: [] };
}

/** Checks what matters here. */
export const ledgerSchema: NonNullable<DocumentSpec<Ledger>["schema"]> = {
  "~standard": {
    version: 1,
    vendor: "flockwork",
    validate: (value) => {
      const faults: { message: string }[] = [];
      if (!isObject(value) || value["version"] !== 1) faults.push({ message: "a ledger has version 1" });
      else
        for (const list of lists)
          if (!Array.isArray(value[list]) || !value[list].every(isObject))
            faults.push({ message: `${list} must be a list of objects` });
          else if (!value[list].every(rules[list])) faults.push({ message: `${list} holds what is none` });
      return faults.length === 0 ? { value: value as unknown as Ledger } : { issues: faults };
    },
  },
};

/** Why an entry cannot be changed, or none be added on its day. */
export function whyLocked(
  { seals, adjustments }: Pick<Ledger, "seals" | "adjustments">,
  { id, localDay, invoiceId }: Lockable,
): string | undefined {
  if (invoiceId !== undefined) return `it stands on invoice ${invoiceId}`;
  const last = seals.at(-1);
  if (last !== undefined && localDay <= last.through) return `everything through ${last.through} is sealed`;
  // Its invoice was taken back: what was corrected must stay, or the correction would be of nothing.
  return id !== undefined && adjustments.some(({ entryId }) => entryId === id)
    ? "it was corrected by an adjustment"
    : undefined;
}
