import { AsyncLocalStorage } from "node:async_hooks";
import { readFinished } from "../intent/read-finished.ts";
import { defaultTimeoutMs } from "../lock/adaptive-timeout.ts";
import { acquireLock } from "../lock/acquire-lock.ts";
import type { FileLock } from "../lock/file-lock.ts";
import {
  checkNesting,
  currentFrame,
  rememberOrder,
  runInside,
  runOutside,
  type HeldFrame,
} from "../lock/held-locks.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import type { LockLocation } from "../lock/queues.ts";
import { releaseOrWarn, withWriteLockSync } from "../lock/with-lock.ts";
import { ContentCache, type ReadLimits } from "./content-cache.ts";
import { DocumentQueue, type QueuedJob } from "./document-queue.ts";
import type { DocumentJob, JobReceipt, JobWait } from "./document-job.ts";
import type { DocumentState } from "./document-state.ts";
import { performJobs, type LockedDocument } from "./perform-jobs.ts";
import { runAsync, runSync } from "./steps.ts";
import type { IntegerMode } from "./text/json-source.ts";

/** How the lock of a document is taken: everything but what each caller chooses for itself. */
export type EngineLockOptions = Pick<
  LockOptions,
  "layout" | "backend" | "allowNetworkFileSystem" | "allowForeignOwner"
>;

/**
 * All work of this process on one document. Callers queue; one hold of the lock applies what everyone queued by then wants,
 * in order, and makes one commit of it. A caller whose change fails leaves no trace in the changes of the others.
 */
export class DocumentEngine {
  readonly cache: ContentCache;
  readonly #location: LockLocation;
  readonly #lockOptions: EngineLockOptions;
  readonly #integers: IntegerMode;
  readonly #queue: DocumentQueue;
  #running = false;
  /** Ends the wait for the lock, where one is going on. */
  #waiting: AbortController | undefined;

  constructor(location: LockLocation, lockOptions: EngineLockOptions, integers: IntegerMode) {
    this.#location = location;
    this.#lockOptions = lockOptions;
    this.#integers = integers;
    this.cache = new ContentCache(integers);
    this.#queue = new DocumentQueue(this.path, location.plan, () => this.#waiting?.abort(nobodyWaits));
  }

  /** The real file: its directory resolved, a link followed. */
  get path(): string {
    return this.#location.targetPath;
  }

  /** Whether callers wait or work is being done. */
  get busy(): boolean {
    return this.#running;
  }

  /** Reads without a lock: the old content or the new, never a mix, where writers replace the file. */
  read(limits: ReadLimits): Promise<DocumentState> {
    return runAsync(this.cache.load(this.path, limits, true));
  }

  readSync(limits: ReadLimits): DocumentState {
    return runSync(this.cache.load(this.path, limits, false));
  }

  /**
   * Reads under the shared lock: for neighbours that rewrite the file in place, and to see a commit of several files that a
   * crash interrupted as a whole.
   */
  async readLocked(limits: ReadLimits, wait: JobWait): Promise<DocumentState> {
    const options = { ...this.#lockOptions, ...wait };
    return await readFinished(
      this.path,
      (lock) => runAsync(this.cache.load(lock.targetPath, limits, true)),
      options,
    );
  }

  /** Queues a job. */
  async submit(job: DocumentJob, wait: JobWait): Promise<JobReceipt> {
    wait.signal?.throwIfAborted();
    checkNesting(this.#lockPath, this.path);
    rememberOrder(this.#lockPath);
    const timeoutMs = wait.timeoutMs ?? defaultTimeoutMs(this.#location.plan);
    const settling = this.#queue.add(this.#bind(job), { ...wait, timeoutMs });
    if (!this.#running) this.#start();
    return await settling;
  }

  /** Does a job at once, blocking this thread while others hold the lock. */
  submitSync(job: DocumentJob, wait: Omit<JobWait, "signal">): JobReceipt {
    const options = { ...this.#lockOptions, ...wait };
    return withWriteLockSync(
      this.path,
      (lock) => {
        let outcome: JobReceipt | undefined;
        const queued: QueuedJob = {
          job,
          priority: 0,
          begin: () => true,
          resolve: (receipt) => (outcome = receipt),
          reject: rethrow,
        };
        for (const settle of runSync(performJobs(this.#target(lock, false), [queued]))) settle();
        if (outcome === undefined) throw new TypeError("a job ended without an outcome");
        return outcome;
      },
      options,
    );
  }

  get #lockPath(): string {
    return this.#location.plan.legs[0].path;
  }

  /** Recipes run as their callers' code, inside the lock: nested use of it must fail at once, not wait for itself. */
  #bind(job: DocumentJob): DocumentJob {
    const { recipe } = job;
    if (recipe === undefined) return job;
    const inside = AsyncLocalStorage.bind((draft: unknown): unknown => {
      const frame = frameOf(this.#lockPath, this.path, currentFrame());
      const leave = (): void => void (frame.active = false);
      let returned: unknown;
      try {
        returned = runInside(frame, () => recipe(draft));
      } catch (error) {
        leave();
        throw error;
      }
      if (returned instanceof Promise) return returned.finally(leave);
      leave();
      return returned;
    });
    return { ...job, recipe: inside };
  }

  #target(lock: FileLock, mayWait: boolean): LockedDocument {
    return { lock, cache: this.cache, integers: this.#integers, mayWait };
  }

  #start(): void {
    this.#running = true;
    // No locks of the caller that happens to start it. After this tick's promises: callers that answer the same event join the same batch.
    process.nextTick(() => runOutside(() => void this.#run()));
  }

  async #run(): Promise<void> {
    while (this.#queue.size > 0) {
      let lock: FileLock;
      try {
        lock = await this.#acquire();
      } catch (error) {
        // Who came since then is waited for anew; any other failure concerns everyone.
        if (error === nobodyWaits) continue;
        for (const queued of this.#queue.takeAll()) if (queued.begin()) queued.reject(error);
        continue;
      }
      let settle: readonly (() => void)[] = [];
      try {
        settle = await runAsync(performJobs(this.#target(lock, true), this.#queue.takeAll()));
      } finally {
        releaseOrWarn(lock);
      }
      // Callers go on when the lock is free: what they do next may need it.
      for (const each of settle) each();
    }
    this.#running = false;
  }

  async #acquire(): Promise<FileLock> {
    this.#waiting = new AbortController();
    const wait = { timeoutMs: Infinity, priority: this.#queue.priority, signal: this.#waiting.signal };
    try {
      return await acquireLock(this.path, "exclusive", { ...this.#lockOptions, ...wait });
    } finally {
      this.#waiting = undefined;
    }
  }
}

/** Why a wait for the lock was given up. */
const nobodyWaits = new Error("nobody waits for the lock any more");

function frameOf(lockPath: string, path: string, parent: HeldFrame | undefined): HeldFrame {
  return { lockPath, path, mode: "exclusive", parent, active: true };
}

function rethrow(error: unknown): never {
  throw error;
}
