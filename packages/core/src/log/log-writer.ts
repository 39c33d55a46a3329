import type { AppendHold } from "../atomic/append-job.ts";
import { type AppendReceipt, checkAppendOptions, toAppendReceipt } from "../atomic/append-lines.ts";
import { appendEngineFor } from "../atomic/append-registry.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import { withWriteLock } from "../lock/with-lock.ts";
import { checkFunction, checkOptions, type Durability } from "../options.ts";
import { encodeRecords } from "./encode-record.ts";
import type { LogEntry } from "./log-entry.ts";
import type { JsonlLogOptions, LogCallOptions, LogRules } from "./log-options.ts";
import type { LogSnapshot } from "./log-snapshot.ts";
import { type LogTransaction, PendingTransaction } from "./log-transaction.ts";
import { rewriteLog, type RewriteReceipt, type RewriteRequest } from "./rewrite-log.ts";

/** The changes a log object makes: each checks its options, then goes through the engine all callers share, or the lock. */
export class LogWriter<T> {
  readonly #options: JsonlLogOptions<T>;
  readonly #rules: LogRules;

  constructor(rules: LogRules, options: JsonlLogOptions<T>) {
    this.#rules = rules;
    this.#options = options;
  }

  async append(records: readonly T[], options: LogCallOptions): Promise<AppendReceipt> {
    const content = encodeRecords(this.#rules, records);
    const { durability, ...call } = this.#callOptions(options);
    const appended = await appendEngineFor(this.#rules.path, call).submit({
      content,
      durability,
      wait: call,
    });
    return toAppendReceipt(appended, durability, call);
  }

  appendSync(records: readonly T[], options: LogCallOptions): AppendReceipt {
    const content = encodeRecords(this.#rules, records);
    const { durability, ...call } = this.#callOptions(options);
    const appended = appendEngineFor(this.#rules.path, call).submitSync(content, { durability, wait: call });
    return toAppendReceipt(appended, durability, call);
  }

  async transact<R>(
    snapshot: LogSnapshot<T>,
    decide: (transaction: LogTransaction<T>) => R | Promise<R>,
    options: LogCallOptions,
  ): Promise<AppendReceipt & { readonly value: R }> {
    checkFunction("decide", decide);
    const { durability, ...call } = this.#callOptions(options);
    let decided: { readonly value: R } | undefined;
    const content = (hold: AppendHold): Uint8Array | undefined | Promise<Uint8Array | undefined> => {
      const transaction = new PendingTransaction(hold, this.#rules, snapshot);
      const finish = (value: R): Uint8Array | undefined => {
        decided = { value };
        return transaction.finish();
      };
      const value = decide(transaction);
      return value instanceof Promise ? value.then(finish) : finish(value);
    };
    const appended = await appendEngineFor(this.#rules.path, call).submit({
      content,
      durability,
      wait: call,
    });
    return { ...toAppendReceipt(appended, durability, call), ...(decided as { readonly value: R }) };
  }

  async rewrite(rewrite: RewriteRequest<T>["rewrite"], options: LogCallOptions): Promise<RewriteReceipt> {
    checkFunction("rewrite", rewrite);
    return await this.#rewriteWith(this.#rules, rewrite, options);
  }

  /** Without the schema: a line it refuses is still somebody's record, and stays. */
  async moveDamageAside(): Promise<void> {
    await this.#rewriteWith(
      { ...this.#rules, schema: undefined },
      (entries: readonly LogEntry<T>[]) => entries,
      {},
    );
  }

  async #rewriteWith(
    rules: LogRules,
    rewrite: RewriteRequest<T>["rewrite"],
    options: LogCallOptions,
  ): Promise<RewriteReceipt> {
    const { durability, ...call } = this.#callOptions(options);
    const receipt = await withWriteLock(
      rules.path,
      (lock) => {
        finishIntent(lock);
        return rewriteLog(lock, { rules, durability, rewrite });
      },
      call,
    );
    for (const moved of [receipt.quarantined, receipt.corrupt])
      if (moved !== undefined) call.onQuarantine?.(moved);
    return receipt;
  }

  #callOptions(options: LogCallOptions): JsonlLogOptions<T> & { readonly durability: Durability } {
    checkOptions(options);
    const durability = options.durability ?? this.#options.durability ?? "disk";
    const merged = { ...this.#options, ...options, durability };
    checkAppendOptions(this.#rules.path, merged);
    return merged;
  }
}
