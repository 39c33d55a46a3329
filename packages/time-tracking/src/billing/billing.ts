// Longer than other files: it is the list of calls that users see, each of a few lines; what they do stands elsewhere.
import {
  instantOf,
  type Clock,
  type DocumentDraft,
  type Store,
  type StoreDocument,
  type StoreMembers,
  type WaitOptions,
} from "@flockwork/core";
import { checkId, checkOptionalText, checkWhole, checkWord } from "../arguments.ts";
import type { TimeBook } from "../book/book.ts";
import { BillingError, EntryLockedError, TimeConflictError, TimeNotFoundError } from "../errors.ts";
import { checkRate, rateOf, type Rate } from "../money/rates.ts";
import type { Money } from "../money/money.ts";
import { checkRounding } from "../money/rounding.ts";
import { checkFilter, checkWeights, type TimeFilter } from "../out/report.ts";
import { Board } from "../timers/board.ts";
import type { TimerRules } from "../timers/rules.ts";
import { defined } from "../time/entry.ts";
import { checkDay, localDayOf } from "../time/local-day.ts";
import type { Adjustment } from "./adjustment.ts";
import type { Budget, BudgetStatus } from "./budget.ts";
import { budgetStatus, checkBudget } from "./budgets.ts";
import { makeLines, type Billable, type Invoice, type LineOptions } from "./invoice.ts";
import type { Ledger } from "./ledger.ts";
import { chained, markAdjustment, nextNumber, selectBillable } from "./select-billable.ts";
import { makeSeal, type Seal } from "./seal.ts";
import { verifyTime, type Verification } from "./verify.ts";

/** What billing needs of the time it bills. */
export interface BillingHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly book: TimeBook;
  rules(): Promise<TimerRules>;
}

/** How an invoice is made. */
export interface InvoiceOptions extends LineOptions, WaitOptions, Omit<TimeFilter, "billable"> {
  /** Its number. Default: the year and a running number, such as `2026-0007`. */
  readonly id?: string | undefined;
  readonly note?: string | undefined;
  /** Work it out and change nothing. Default false. */
  readonly dryRun?: boolean | undefined;
}

type LedgerDraft = DocumentDraft<Ledger>;

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
    checkFilter(options);
    checkWeights(options.weights);
    checkWord("basis", options.basis, ["sum", "union", "weighted"]);
    checkWord("by", options.by, ["task", "actor", "project", "day", "entry"]);
    const rounding = checkRounding(options.rounding);
    if (options.dryRun === true) {
      const board = new Board(await this.#host.book.read(), await this.#host.rules());
      return this.#invoiceOf(board, await this.ledger(), { ...options, rounding }).invoice;
    }
    return this.#together("invoice", options, (board, ledger) => {
      const { invoice, billable } = this.#invoiceOf(board, ledger.value as Ledger, { ...options, rounding });
      for (const { rate, ...entry } of billable.entries) this.#mark(board, entry.id, invoice.id, rate);
      for (const { id } of billable.adjustments) markAdjustment(ledger, id, invoice.id);
      ledger.draft.invoices.push(invoice);
      return invoice;
    });
  }

  /** Takes an invoice back: its time can be changed and billed anew. @throws {TimeNotFoundError | TimeConflictError} */
  async voidInvoice(id: string, wait: WaitOptions = {}): Promise<Invoice> {
    checkId("id", id);
    const attempt = `void invoice ${id}`;
    return this.#together("void", wait, (board, ledger) => {
      const { invoices } = ledger.value as Ledger;
      const invoice = invoices.find((each) => each.id === id && each.voids === undefined);
      if (invoice === undefined) throw new TimeNotFoundError(attempt, id);
      if (invoices.some(({ voids }) => voids === id))
        throw new TimeConflictError(attempt, "it is void already");
      for (const entryId of invoice.entryIds) this.#mark(board, entryId, undefined);
      for (const each of invoice.adjustmentIds) markAdjustment(ledger, each, undefined);
      const { hash: _, ...rest } = invoice;
      const issuedAtMs = instantOf(this.#host.clock).wallMs;
      const record = chained({ ...rest, id: `${id}-void`, voids: id, issuedAtMs }, invoices);
      ledger.draft.invoices.push(record);
      return record;
    });
  }

  /** The invoices that stand: those taken back are left out. */
  async invoices(): Promise<readonly Invoice[]> {
    const { invoices } = await this.ledger();
    const voided = new Set(invoices.map(({ voids }) => voids));
    return invoices.filter(({ id, voids }) => voids === undefined && !voided.has(id));
  }

  /**
   * Closes everything through a local day. What is sealed cannot be changed here, and `verify` tells whether anybody else did.
   * @throws {TimeConflictError} a timer of those days runs, or an entry awaits confirmation; or they are sealed already.
   */
  async seal(options: { readonly through: string } & WaitOptions): Promise<Seal> {
    const through = checkDay("through", options.through);
    return this.#together("seal", options, (board, ledger) => {
      const attempt = `seal everything through ${through}`;
      const { seals, adjustments } = ledger.value as Ledger;
      const last = seals.at(-1);
      if (last !== undefined && through <= last.through)
        throw new TimeConflictError(attempt, `everything through ${last.through} is sealed already`);
      const running = board.timers.find(
        ({ state, startedAtMs, timeZone }) =>
          state === "running" && localDayOf(startedAtMs, timeZone) <= through,
      );
      if (running !== undefined)
        throw new TimeConflictError(attempt, `a timer of ${running.actorId} runs since then`);
      const entries = board.entries();
      const open = entries.find(({ state, localDay }) => state === "recovered" && localDay <= through);
      if (open !== undefined) throw new TimeConflictError(attempt, `${open.id} awaits confirmation`);
      const seal = makeSeal(entries, adjustments, last, through, board.rules.now.wallMs);
      ledger.draft.seals.push(seal);
      return seal;
    });
  }

  /** Corrects an entry that may not be changed any more: the correction belongs to today, and is billed with what comes. */
  async adjust(
    entryId: string,
    correction: { readonly deltaMs: number; readonly reason: string } & WaitOptions,
  ): Promise<Adjustment> {
    const { deltaMs } = correction;
    const reason = checkOptionalText("reason", correction.reason);
    if (reason === undefined || reason === "") throw new TypeError("reason must say why");
    if (deltaMs < 0) checkWhole("deltaMs", -deltaMs);
    else checkWhole("deltaMs", deltaMs);
    return this.#together("adjust", correction, (board, ledger) => {
      const attempt = `correct ${entryId}`;
      const entry = board.require(attempt, checkId("entryId", entryId));
      const { adjustments, seals } = ledger.value as Ledger;
      const before = adjustments.reduce(
        (sum, each) => (each.entryId === entryId ? sum + each.deltaMs : sum),
        0,
      );
      if (entry.workedMs + before + deltaMs < 0)
        throw new TimeConflictError(attempt, `only ${entry.workedMs + before} ms are left of it`);
      const atMs = board.rules.now.wallMs;
      const localDay = localDayOf(atMs, entry.timeZone);
      const last = seals.at(-1);
      if (last !== undefined && localDay <= last.through)
        throw new EntryLockedError(attempt, `today is sealed, as everything through ${last.through}`);
      const { taskId, actorId, projectId, clientId, billable } = entry;
      const rate = entry.rate ?? board.rules.rateOf(entry);
      const id = board.rules.newId();
      const made: Adjustment = defined({
        id,
        entryId,
        taskId,
        actorId,
        projectId,
        clientId,
        deltaMs,
        reason,
        atMs,
        localDay,
        billable,
        rate,
      });
      ledger.draft.adjustments.push(made);
      return made;
    });
  }

  /** Looks for edits of what is sealed, invoices that do not add up, and time that is counted twice. Takes no lock. */
  async verify(): Promise<Verification> {
    const view = await this.#host.book.read();
    return verifyTime(view.entries(), await this.ledger(), view.problems());
  }

  /** The document of the ledger: a member for commits of your own. */
  get document(): StoreDocument<Ledger> {
    return this.#ledger;
  }

  #invoiceOf(
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
    const { basis = "sum", rounding = checkRounding(undefined), clientId, from, through, note } = options;
    const body = {
      id,
      clientId,
      from,
      through,
      issuedAtMs,
      basis,
      rounding,
      note,
      ...makeLines(billable, options),
      entryIds: billable.entries.map((entry) => entry.id),
      adjustmentIds: billable.adjustments.map((each) => each.id),
    };
    return { invoice: chained(defined(body), ledger.invoices), billable };
  }

  /** What is sealed keeps its rate, or the lack of one: only the mark is added. */
  #mark(board: Board, id: string, invoiceId: string | undefined, rate?: Money): void {
    const before = board.entry(id);
    if (before === undefined) return;
    const { invoiceId: _, ...rest } = before;
    const isSealed = board.rules.whyLocked(rest) !== undefined;
    const priced = isSealed || rate === undefined ? rest : { ...rest, rate };
    board.setEntry(before, defined({ ...priced, invoiceId }));
  }

  async #statuses(ledger: Ledger): Promise<readonly BudgetStatus[]> {
    const entries = (await this.#host.book.read()).entries();
    return ledger.budgets.map((budget) =>
      budgetStatus(budget, entries, (entry) => entry.rate ?? rateOf(ledger.rates, entry)),
    );
  }

  /** Changes the book and the ledger in one commit. */
  async #together<R>(
    what: string,
    wait: WaitOptions,
    work: (board: Board, ledger: LedgerDraft) => R,
  ): Promise<R> {
    const members: StoreMembers = { ...this.#host.book.members, ledger: this.#ledger };
    const { value } = await this.#host.store.transact(
      members,
      async (drafts) => {
        const open = await this.#host.book.open(drafts);
        const board = new Board(open.view, await this.#host.rules());
        const ledger = (drafts as Readonly<Record<string, unknown>>)["ledger"] as LedgerDraft;
        const outcome = board.attempt(what, undefined, () => work(board, ledger));
        if (outcome.record.changes.length > 0) open.write([outcome.record]);
        return outcome.value;
      },
      waitOf(wait),
    );
    return value;
  }
}

function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
