import type { Clock, DocumentDraft, Store, StoreDocument, StoreMembers, WaitOptions } from "@flockwork/core";
import type { TimeBook } from "../book/book.ts";
import { Board } from "../timers/board.ts";
import type { TimerRules } from "../timers/rules.ts";
import type { Ledger } from "./ledger.ts";

/** What billing needs of the time it bills. */
export interface BillingHost {
  readonly store: Store;
  readonly clock: Clock;
  readonly timeZone: string;
  readonly book: TimeBook;
  rules(): Promise<TimerRules>;
}

/** The ledger while it is changed. What is read is the frozen value. */
export type LedgerDraft = DocumentDraft<Ledger>;

/** Looks at the book and the ledger, or changes them, in one commit. */
export async function withLedger<R>(
  host: BillingHost,
  document: StoreDocument<Ledger>,
  what: string,
  wait: WaitOptions,
  work: (board: Board, ledger: LedgerDraft) => R,
): Promise<R> {
  const members: StoreMembers = { ...host.book.members, ledger: document };
  const { value } = await host.store.transact(
    members,
    async (drafts) => {
      const open = await host.book.open(drafts);
      const board = new Board(open.view, await host.rules());
      const ledger = (drafts as Readonly<Record<string, unknown>>)["ledger"] as LedgerDraft;
      const outcome = board.attempt(what, undefined, () => work(board, ledger));
      if (outcome.record.changes.length > 0) open.write([outcome.record]);
      return outcome.value;
    },
    waitOf(wait),
  );
  return value;
}

/** Without whatever else the options of a call say. */
export function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
