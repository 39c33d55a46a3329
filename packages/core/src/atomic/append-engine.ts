import { AsyncLocalStorage } from "node:async_hooks";
import { WriteFailedError } from "../errors.ts";
import { finishIntent } from "../intent/finish-intent.ts";
import { acquireLock, acquireLockSync } from "../lock/acquire-lock.ts";
import type { FileLock } from "../lock/file-lock.ts";
import {
  checkNesting,
  rememberOrder,
  currentFrame,
  type HeldFrame,
  runInside,
  runOutside,
} from "../lock/held-locks.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import { sweepNowAndThen } from "./sweep-staged.ts";
import { releaseOrWarn } from "../lock/with-lock.ts";
import type { LockLocation } from "../lock/queues.ts";
import { AppendBatch, type Written } from "./append-batch.ts";
import { AppendDescriptor } from "./append-descriptor.ts";
import { AppendQueue } from "./append-queue.ts";
import type { AwaitingSync, SharedSync } from "./shared-sync.ts";
import { type AppendContent, type Appended, type AppendJob } from "./append-job.ts";

/** How the lock of an engine is taken: everything but what each caller chooses for itself. */
export type EngineLockOptions = Pick<
  LockOptions,
  "layout" | "backend" | "allowNetworkFileSystem" | "allowForeignOwner"
>;

/**
 * All appends of this process to one file. Callers queue; one hold of the lock and one fsync serve everyone queued by then,
 * and while a batch is being synced the next one is already written.
 */
export class AppendEngine {
  readonly #location: LockLocation;
  readonly #lockOptions: EngineLockOptions;
  readonly #descriptor: AppendDescriptor;
  readonly #queue: AppendQueue;
  #running = false;
  /** The wait for the lock, where one is going on: what ends it early. */
  #waiting: { readonly controller: AbortController; readonly deadline: number } | undefined;

  constructor(location: LockLocation, lockOptions: EngineLockOptions, onIdle: () => void) {
    this.#location = location;
    this.#queue = new AppendQueue(location.targetPath, location.plan, () =>
      this.#waiting?.controller.abort(retry),
    );
    this.#lockOptions = lockOptions;
    this.#descriptor = new AppendDescriptor(location.targetPath, () => {
      if (!this.#running) onIdle();
    });
  }

  /** Queues a job. Rejects with what became of it; the state of the disk is told by the class of the error. */
  async submit(job: AppendJob): Promise<Appended> {
    job.wait.signal?.throwIfAborted();
    checkNesting(this.#lockPath, this.#location.targetPath);
    rememberOrder(this.#lockPath);
    return await new Promise<Appended>((resolve, reject) => {
      const queued = this.#queue.add(this.#bind(job), resolve, reject);
      if (!this.#running) this.#start();
      else if (this.#waiting !== undefined && queued.deadline < this.#waiting.deadline) {
        this.#waiting.controller.abort(retry);
      }
    });
  }

  /** The synchronous twin, for lines that are ready. Takes the lock and syncs for itself. */
  submitSync(bytes: Uint8Array, job: Omit<AppendJob, "content">): Appended {
    const lock = acquireLockSync(this.#location.targetPath, "exclusive", {
      ...this.#lockOptions,
      ...job.wait,
    });
    const batch = new AppendBatch(lock, this.#descriptor.open);
    try {
      let appended: Appended;
      try {
        finishIntent(lock);
        appended = batch.runSync(bytes);
      } finally {
        releaseOrWarn(lock);
      }
      if (job.durability === "disk" && appended.changed) batch.sync?.syncNow();
      return appended;
    } finally {
      batch.close();
      this.#descriptor.rest();
    }
  }

  /** Closes the descriptor as soon as nothing uses it. */
  close(): void {
    this.#descriptor.retire();
  }

  get #lockPath(): string {
    return this.#location.plan.legs[0].path;
  }

  /** Decisions run as their callers' code, inside the lock: nested use of it must fail at once, not wait for itself. */
  #bind(job: AppendJob): AppendJob {
    const { content } = job;
    if (typeof content !== "function") return job;
    const decide = AsyncLocalStorage.bind(
      (...[hold]: Parameters<typeof content>): ReturnType<typeof content> => {
        const frame = this.#frame(currentFrame());
        const leave = (): void => void (frame.active = false);
        let decided: ReturnType<typeof content>;
        try {
          decided = runInside(frame, () => content(hold));
        } catch (error) {
          leave();
          throw error;
        }
        if (decided instanceof Promise) return decided.finally(leave);
        leave();
        return decided;
      },
    ) as Exclude<AppendContent, Uint8Array>;
    return { ...job, content: decide };
  }

  #frame(parent: HeldFrame | undefined): HeldFrame {
    return {
      lockPath: this.#lockPath,
      path: this.#location.targetPath,
      mode: "exclusive",
      parent,
      active: true,
    };
  }

  #start(): void {
    this.#running = true;
    // No locks of the caller that happens to start it. After this tick's promises: callers that answer the same event join the same batch.
    process.nextTick(() => runOutside(() => void this.#run()));
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0) {
      const lock = await this.#acquire();
      if (lock !== undefined) await this.#runBatch(lock);
    }
    this.#running = false;
    this.#descriptor.rest();
  }

  async #runBatch(lock: FileLock): Promise<void> {
    const batch = new AppendBatch(lock, this.#descriptor.open);
    const jobs = this.#queue.takeBatch();
    try {
      if (lock.targetPath !== this.#location.targetPath) throw this.#moved(lock);
      finishIntent(lock);
      sweepNowAndThen(lock.targetPath); // a rewrite that was killed leaves its staged file
      await batch.run(jobs);
    } catch (error) {
      for (const queued of jobs) queued.reject(error);
    } finally {
      releaseOrWarn(lock);
    }
    acknowledge(batch.written, batch.sync);
    batch.close();
  }

  #moved(lock: FileLock): WriteFailedError {
    const cause = new Error(`it now leads to ${lock.targetPath}`);
    return new WriteFailedError(this.#location.targetPath, "append to", cause);
  }

  /** Undefined when nobody got the lock: those whose time was up have been told, and the rest tries again. */
  async #acquire(): Promise<FileLock | undefined> {
    const { deadline, priority } = this.#queue.bounds();
    const timeoutMs = Math.max(0, deadline - performance.now());
    const controller = new AbortController();
    this.#waiting = { controller, deadline };
    try {
      const wait = { timeoutMs, priority, signal: controller.signal };
      return await acquireLock(this.#location.targetPath, "exclusive", { ...this.#lockOptions, ...wait });
    } catch (error) {
      if (error !== retry) this.#queue.rejectAfter(error);
      return undefined;
    } finally {
      this.#waiting = undefined;
    }
  }
}

function acknowledge(written: readonly Written[], sync: SharedSync | undefined): void {
  const awaiting: AwaitingSync[] = [];
  for (const { queued, appended } of written) {
    const resolve = (): void => queued.resolve(appended);
    if (queued.job.durability === "os" || !appended.changed || sync === undefined) resolve();
    else awaiting.push({ resolve, reject: queued.reject });
  }
  sync?.join(awaiting);
}

/** Why a wait for the lock was given up, though nobody's time was up. */
const retry = new Error("waiting for the lock again, with other bounds");
