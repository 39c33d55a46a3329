import type { DocumentDraft } from "@flockwork/core";
import { BillingError } from "../errors.ts";
import type { Money } from "../money/money.ts";
import { matchesFilter, type TimeFilter } from "../out/time-filter.ts";
import type { Board } from "../timers/board.ts";
import { defined, type TimeEntry } from "../time/entry.ts";
import type { Adjustment } from "./adjustment.ts";
import { digestOf } from "./digest.ts";
import type { Billable, Invoice } from "./invoice.ts";
import type { Ledger } from "./ledger.ts";

/** What is billable of what was asked for, with the rates that hold. @throws {BillingError} */
export function selectBillable(board: Board, ledger: Ledger, options: TimeFilter): Billable {
  const attempt = "make an invoice";
  const { from = "", through = "9999-99-99" } = options;
  const isMeant = ({ localDay, invoiceId, billable }: TimeEntry | Adjustment): boolean =>
    billable && invoiceId === undefined && localDay >= from && localDay <= through;
  const rated = <I extends TimeEntry | Adjustment>(
    item: I,
    rate: Money | undefined,
  ): I & { readonly rate: Money } => {
    if (rate !== undefined) return { ...item, rate };
    throw new BillingError(attempt, `no rate holds for ${item.id}, of ${item.actorId} on ${item.taskId}`);
  };
  const entries = board.entries().filter((entry) => isMeant(entry) && matchesFilter(entry, options));
  const open = entries.find(({ state }) => state === "recovered");
  if (open !== undefined) throw new BillingError(attempt, `${open.id} was recovered and awaits confirmation`);
  const corrections = ledger.adjustments.filter(
    (each) =>
      isMeant(each) && matchesFilter(each as unknown as TimeEntry, { ...options, ownerId: undefined }),
  );
  return {
    entries: entries
      .toSorted((one, other) => one.startedAtMs - other.startedAtMs || (one.id < other.id ? -1 : 1))
      .map((entry) => rated(entry, entry.rate ?? board.rules.rateOf(entry))),
    adjustments: corrections.map((each) => rated(each, each.rate)),
  };
}

/** Says of a correction which invoice it stands on, or that it stands on none. */
export function markAdjustment(
  { draft }: DocumentDraft<Ledger>,
  id: string,
  invoiceId: string | undefined,
): void {
  const at = draft.adjustments.findIndex((each) => each.id === id);
  const found = draft.adjustments[at];
  if (found !== undefined) draft.adjustments[at] = defined({ ...found, invoiceId });
}

/** The next link of the chain of invoices. */
export function chained(body: Omit<Invoice, "previous" | "hash">, invoices: readonly Invoice[]): Invoice {
  const record = { ...body, previous: invoices.at(-1)?.hash ?? "" };
  return { ...record, hash: digestOf(record) };
}

/** The year and a running number that no other invoice has. */
export function nextNumber({ invoices }: Ledger, atMs: number): string {
  const year = new Date(atMs).getUTCFullYear();
  let count = invoices.filter(({ id, voids }) => voids === undefined && id.startsWith(`${year}-`)).length + 1;
  const name = (): string => `${year}-${String(count).padStart(4, "0")}`;
  while (invoices.some(({ id }) => id === name())) count += 1;
  return name();
}
