import { type AppendReceipt } from "../atomic/append-lines.ts";
import { commitReplacement, type CommitLock } from "../atomic/commit-replacement.ts";
import type { Quarantined } from "../atomic/quarantine.ts";
import { sweepNowAndThen } from "../atomic/sweep-staged.ts";
import type { Durability } from "../options.ts";
import type { LogEntry } from "./log-entry.ts";
import type { LogRules } from "./log-options.ts";
import { WholeLog, type Rewritten } from "./whole-log.ts";

/** What was done to the file besides the rewriting. */
export interface RewriteReceipt extends AppendReceipt {
  /** Damaged lines that were moved aside. */
  readonly corrupt?: Quarantined | undefined;
}

/** How a rewrite works; see `JsonlLog.rewrite`. */
export interface RewriteRequest<T> {
  readonly rules: LogRules;
  readonly durability: Durability;
  readonly rewrite: (entries: readonly LogEntry<T>[]) => Rewritten<T> | Promise<Rewritten<T>>;
}

/** Rewrites a log for a caller that holds its exclusive lock. */
export async function rewriteLog<T>(lock: CommitLock, request: RewriteRequest<T>): Promise<RewriteReceipt> {
  const { rules, durability } = request;
  const log = await WholeLog.read<T>(lock.targetPath, rules);
  try {
    const { bytes, revision, changed } = await log.keep(await request.rewrite(log.entries));
    const moved = log.moveAside();
    if (changed) await commitReplacement(lock, bytes, { durability });
    else sweepNowAndThen(lock.targetPath); // a rewrite that was killed leaves its staged file
    return { revision, changed, durability, offset: 0, nextOffset: bytes.length, ...moved };
  } finally {
    log.close();
  }
}
