import type { Store, TransactOptions, WaitOptions } from "@flockwork/core";
import type { TimeBook } from "../book/book.ts";
import type { TimeRecord } from "../book/change.ts";
import { Board } from "./board.ts";
import type { TimerRules } from "./rules.ts";

/** What a change of time comes to. */
export interface Committed<R> {
  readonly value: R;
  readonly record: TimeRecord;
  readonly durability: "disk" | "os";
}

/** One operation on the board. It may look at the newest operations. */
export interface Operation<R> {
  readonly what: string;
  readonly actorId?: string | undefined;
  /** Set for what undoes: chosen under the lock. */
  readonly choose?: ((history: readonly TimeRecord[]) => string) | undefined;
  /** Looks at what else matters, under the lock, before it runs. */
  readonly prepare?: (() => Promise<void>) | undefined;
  run(board: Board, history: readonly TimeRecord[]): R;
}

interface Job {
  readonly operation: Operation<unknown>;
  readonly resolve: (committed: Committed<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** Makes the operations that wait at the same time in one commit, each with its own result or error. */
export class Batches {
  readonly #store: Store;
  readonly #book: TimeBook;
  readonly #rules: () => Promise<TimerRules>;
  #waiting: Job[] = [];

  constructor(store: Store, book: TimeBook, rules: () => Promise<TimerRules>) {
    this.#store = store;
    this.#book = book;
    this.#rules = rules;
  }

  submit<R>(operation: Operation<R>, wait: WaitOptions = {}): Promise<Committed<R>> {
    return new Promise<Committed<unknown>>((resolve, reject) => {
      const job: Job = { operation: operation as Operation<unknown>, resolve, reject };
      if (wait.timeoutMs !== undefined || wait.signal !== undefined)
        return void this.#commit(() => [job], wait);
      this.#waiting.push(job);
      if (this.#waiting.length === 1) void this.#commit(() => this.#take(), {});
    }) as Promise<Committed<R>>;
  }

  #take(): Job[] {
    const jobs = this.#waiting;
    this.#waiting = [];
    return jobs;
  }

  async #commit(take: () => Job[], wait: TransactOptions): Promise<void> {
    let jobs: Job[] | undefined;
    const settle: ((durability: "disk" | "os") => void)[] = [];
    try {
      const { durability } = await this.#store.transact(
        this.#book.members,
        async (drafts) => {
          jobs = take();
          const open = await this.#book.open(drafts);
          const board = new Board(open.view, await this.#rules());
          const history = jobs.some(({ operation }) => operation.choose !== undefined)
            ? await this.#book.history(drafts)
            : [];
          const records: TimeRecord[] = [];
          for (const job of jobs) settle.push(await performJob(job, board, history, records));
          open.write(records);
        },
        wait,
      );
      for (const tell of settle) tell(durability);
    } catch (error) {
      for (const { reject } of jobs ?? take()) reject(error);
    }
  }
}

async function performJob(
  { operation, resolve, reject }: Job,
  board: Board,
  history: readonly TimeRecord[],
  records: TimeRecord[],
): Promise<(durability: "disk" | "os") => void> {
  try {
    await operation.prepare?.();
    const past = [...history, ...records];
    const undid = operation.choose?.(past);
    const { value, record } = board.attempt(
      operation.what,
      operation.actorId,
      () => operation.run(board, past),
      undid,
    );
    if (record.changes.length > 0) records.push(record);
    return (durability) => resolve({ value, record, durability });
  } catch (error) {
    return () => reject(error);
  }
}
