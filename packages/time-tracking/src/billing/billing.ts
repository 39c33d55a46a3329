import { instantOf, type StoreDocument, type WaitOptions } from "@flockwork/core";
import { checkId } from "../arguments.ts";
import { checkRate, rateOf, type Rate } from "../money/rates.ts";
import { Board } from "../timers/board.ts";
import type { Adjustment } from "./adjustment.ts";
import type { Budget, BudgetStatus } from "./budget.ts";
import { budgetStatus, checkBudget } from "./budgets.ts";
import { closePeriod, lastDayOf, type SealOptions } from "./close-period.ts";
import { checkCorrection, correctEntry, type Correction } from "./correct-entry.ts";
import type { Invoice } from "./invoice.ts";
import {
  checkInvoiceOptions,
  draftInvoice,
  issueInvoice,
  voidIssued,
  type InvoiceOptions,
} from "./issue-invoice.ts";
import { waitOf, withLedger, type BillingHost, type LedgerDraft } from "./ledger-commits.ts";
import type { Ledger } from "./ledger.ts";
import type { Seal } from "./seal.ts";
import { verifyTime, type Verification } from "./verify.ts";

/** Rates, invoices, budgets and sealed periods of one project. At `TimeTracking.billing`. */
export class Billing {
  readonly #host: BillingHost;
  readonly #ledger: StoreDocument<Ledger>;

  constructor(host: BillingHost, ledger: StoreDocument<Ledger>) {
    this.#host = host;
    this.#ledger = ledger;
  }

  /** What is agreed, billed and closed, frozen. Takes no lock. */
  async ledger(): Promise<Ledger> {
    return (await this.#ledger.read()) as Ledger;
  }

  /** Sets what an hour costs. It holds for what ends from now on: entries keep the rate they ended with. */
  async setRate(rate: Rate, wait: WaitOptions = {}): Promise<Rate> {
    const checked = checkRate(rate);
    await this.#ledger.update((draft) => void draft.rates.push(checked), waitOf(wait));
    return checked;
  }

  /** Sets a budget in time, money, or both. One of the same id is replaced. */
  async setBudget(
    budget: Omit<Budget, "alertsAt" | "alerted"> & Partial<Pick<Budget, "alertsAt">>,
    wait: WaitOptions = {},
  ): Promise<Budget> {
    const checked = checkBudget(budget);
    await this.#ledger.update((draft) => {
      const at = draft.budgets.findIndex(({ id }) => id === checked.id);
      if (at === -1) draft.budgets.push(checked);
      else draft.budgets[at] = checked;
    }, waitOf(wait));
    return checked;
  }

  /** Where every budget stands. Takes no lock. */
  async budgets(): Promise<readonly BudgetStatus[]> {
    return this.#statuses(await this.ledger());
  }

  /** The budgets that reached an alert since the last call, in whichever process: each alert is told once. */
  async alerts(wait: WaitOptions = {}): Promise<readonly BudgetStatus[]> {
    const isNews = ({ budget, reached }: BudgetStatus): boolean =>
      reached.some((at) => !budget.alerted.includes(at));
    if (!(await this.budgets()).some(isNews)) return [];
    const { value } = await this.#host.store.transact(
      { ledger: this.#ledger },
      async ({ ledger }) => {
        const news = (await this.#statuses(ledger.value as Ledger)).filter(isNews);
        for (const { budget, reached } of news) {
          const at = ledger.draft.budgets.findIndex(({ id }) => id === budget.id);
          ledger.draft.budgets[at] = { ...budget, alerted: reached };
        }
        return news;
      },
      waitOf(wait),
    );
    return value;
  }

  /**
   * Bills what is billable and was not billed yet, and marks it, in one commit: nothing is billed twice, whoever else bills.
   *
   * @throws {BillingError} nothing to bill, an entry without a rate, several currencies, or an entry that awaits confirmation.
   * {@link TimeConflictError} the number is taken. Nothing was changed.
   */
  async invoice(options: InvoiceOptions = {}): Promise<Invoice> {
    checkInvoiceOptions(options);
    if (options.dryRun === true) {
      const board = new Board(await this.#host.book.read(), await this.#host.rules());
      return draftInvoice(board, await this.ledger(), options).invoice;
    }
    return this.#together("invoice", options, (board, ledger) => issueInvoice(board, ledger, options));
  }

  /** Takes an invoice back: its time can be changed and billed anew. @throws {TimeNotFoundError | TimeConflictError} */
  async voidInvoice(id: string, wait: WaitOptions = {}): Promise<Invoice> {
    checkId("id", id);
    return this.#together("void", wait, (board, ledger) => voidIssued(board, ledger, id));
  }

  /** The invoices that stand: those taken back are left out. */
  async invoices(): Promise<readonly Invoice[]> {
    const { invoices } = await this.ledger();
    const voided = new Set(invoices.map(({ voids }) => voids));
    return invoices.filter(({ id, voids }) => voids === undefined && !voided.has(id));
  }

  /**
   * Closes everything through a local day, or, with `graceDays`, all days that ended more than so many days ago. What is sealed
   * cannot be changed here, and `verify` tells whether anybody else did.
   * @throws {RangeError} the day is still to come. {@link TimeConflictError} a timer of those days runs, or an entry awaits confirmation; or they are sealed already.
   */
  async seal(options: SealOptions): Promise<Seal> {
    const { clock, timeZone } = this.#host;
    const through = lastDayOf(options, instantOf(clock).wallMs, timeZone);
    return this.#together("seal", options, (board, ledger) => closePeriod(board, ledger, through));
  }

  /** Corrects an entry that may not be changed any more: the correction belongs to today, and is billed with what comes. */
  async adjust(entryId: string, correction: Correction): Promise<Adjustment> {
    checkCorrection(correction);
    return this.#together("adjust", correction, (board, ledger) =>
      correctEntry(board, ledger, entryId, correction),
    );
  }

  /**
   * Looks for edits of what is sealed, invoices that do not add up, and time that is counted twice. Takes no lock, unless
   * something looks wrong: then it looks once more under the locks, lest a commit in progress be taken for an edit.
   */
  async verify(wait: WaitOptions = {}): Promise<Verification> {
    const view = await this.#host.book.read();
    const seen = verifyTime(view.entries(), await this.ledger(), view.problems());
    if (seen.ok) return seen;
    return this.#together("verify", wait, (board, ledger) =>
      verifyTime(board.entries(), ledger.value as Ledger, board.problems()),
    );
  }

  /** The document of the ledger: a member for commits of your own. */
  get document(): StoreDocument<Ledger> {
    return this.#ledger;
  }

  async #statuses(ledger: Ledger): Promise<readonly BudgetStatus[]> {
    const entries = (await this.#host.book.read()).entries();
    return ledger.budgets.map((budget) =>
      budgetStatus(budget, entries, ledger.adjustments, (entry) => entry.rate ?? rateOf(ledger.rates, entry)),
    );
  }

  #together<R>(what: string, wait: WaitOptions, work: (board: Board, ledger: LedgerDraft) => R): Promise<R> {
    return withLedger(this.#host, this.#ledger, what, wait, work);
  }
}
