import type { WaitOptions } from "@flockwork/core";
import { checkId, checkOptionalFlag, checkWord } from "../arguments.ts";
import { BillingError, TimeConflictError, TimeNotFoundError } from "../errors.ts";
import type { Money } from "../money/money.ts";
import { checkRounding } from "../money/rounding.ts";
import { checkWeights } from "../out/report.ts";
import { checkFilter, type TimeFilter } from "../out/time-filter.ts";
import { defined } from "../time/entry.ts";
import type { Board } from "../timers/board.ts";
import { bases, makeLines, type Billable, type Invoice, type LineOptions } from "./invoice.ts";
import type { LedgerDraft } from "./ledger-commits.ts";
import type { Ledger } from "./ledger.ts";
import { chained, markAdjustment, nextNumber, selectBillable } from "./select-billable.ts";

/** How an invoice is made. */
export interface InvoiceOptions extends LineOptions, WaitOptions, Omit<TimeFilter, "billable"> {
  /** Its number. Default: the year and a running number, such as `2026-0007`. */
  readonly id?: string | undefined;
  readonly note?: string | undefined;
  /** Work it out and change nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

/** @throws {TypeError | RangeError} naming the option. */
export function checkInvoiceOptions(options: InvoiceOptions): void {
  checkFilter(options);
  checkOptionalFlag("dryRun", options.dryRun);
  checkWeights(options.weights);
  checkWord("basis", options.basis, bases);
  checkWord("by", options.by, ["task", "actor", "project", "day", "entry"]);
  checkRounding(options.rounding);
}

/** What an invoice would be, and what stands on it. @throws {BillingError | TimeConflictError} */
export function draftInvoice(
  board: Board,
  ledger: Ledger,
  options: InvoiceOptions,
): { readonly invoice: Invoice; readonly billable: Billable } {
  const attempt = "make an invoice";
  const issuedAtMs = board.rules.now.wallMs;
  const id = options.id === undefined ? nextNumber(ledger, issuedAtMs) : checkId("id", options.id);
  if (ledger.invoices.some((each) => each.id === id))
    throw new TimeConflictError(attempt, `${id} is the number of another one`);
  const billable = selectBillable(board, ledger, options);
  if (billable.entries.length + billable.adjustments.length === 0)
    throw new BillingError(attempt, "nothing billable is left of what was asked for");
  const { basis = "sum", clientId, from, through, note } = options;
  const body = {
    id,
    clientId,
    from,
    through,
    issuedAtMs,
    basis,
    rounding: checkRounding(options.rounding),
    note,
    ...makeLines(billable, options),
    entryIds: billable.entries.map((entry) => entry.id),
    adjustmentIds: billable.adjustments.map((each) => each.id),
  };
  return { invoice: chained(defined(body), ledger.invoices), billable };
}

/** Makes it, and marks what it bills. */
export function issueInvoice(board: Board, ledger: LedgerDraft, options: InvoiceOptions): Invoice {
  const { invoice, billable } = draftInvoice(board, ledger.value as Ledger, options);
  for (const { rate, ...entry } of billable.entries) mark(board, entry.id, invoice.id, rate);
  for (const { id } of billable.adjustments) markAdjustment(ledger, id, invoice.id);
  ledger.draft.invoices.push(invoice);
  return invoice;
}

/** Takes one back, and the marks off. @throws {TimeNotFoundError | TimeConflictError} */
export function voidIssued(board: Board, ledger: LedgerDraft, id: string): Invoice {
  const attempt = `void invoice ${id}`;
  const { invoices } = ledger.value as Ledger;
  const invoice = invoices.find((each) => each.id === id && each.voids === undefined);
  if (invoice === undefined) throw new TimeNotFoundError(attempt, id);
  if (invoices.some(({ voids }) => voids === id)) throw new TimeConflictError(attempt, "it is void already");
  for (const entryId of invoice.entryIds) mark(board, entryId, undefined);
  for (const each of invoice.adjustmentIds) markAdjustment(ledger, each, undefined);
  const { hash: _, ...rest } = invoice;
  const issuedAtMs = board.rules.now.wallMs;
  const record = chained(
    { ...rest, id: freeNumber(`${id}-void`, invoices), voids: id, issuedAtMs },
    invoices,
  );
  ledger.draft.invoices.push(record);
  return record;
}

/** This number, or the next one after it that no other has. */
function freeNumber(wanted: string, invoices: readonly Invoice[]): string {
  let [number, count] = [wanted, 2];
  while (invoices.some(({ id }) => id === number)) number = `${wanted}-${count++}`;
  return number;
}

/** What is sealed keeps its rate, or the lack of one: only the mark is added. */
function mark(board: Board, id: string, invoiceId: string | undefined, rate?: Money): void {
  const before = board.entry(id);
  if (before === undefined) return;
  const { invoiceId: _, ...rest } = before;
  const isSealed = board.rules.whyLocked(rest) !== undefined;
  const priced = isSealed || rate === undefined ? rest : { ...rest, rate };
  board.setEntry(before, defined({ ...priced, invoiceId }));
}
