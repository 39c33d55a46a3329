import { finishIntent } from "../intent/finish-intent.ts";
import { mustFinish, readFinished } from "../intent/read-finished.ts";
import { acquireLock, tryAcquireLock } from "../lock/acquire-lock.ts";
import type { FileLock } from "../lock/file-lock.ts";
import { inspectLock } from "../lock/inspect-lock.ts";
import type { LockMode } from "../lock/lock-mode.ts";
import type { LockOptions } from "../lock/lock-options.ts";
import { withWriteLock } from "../lock/with-lock.ts";
import { checkSharedLocks, type FileContext } from "./file-context.ts";
import { FilePlace } from "./file-place.ts";
import type {
  StoreLock,
  StoreLockHold,
  StoreLockInspection,
  StoreLockOptions,
  StoreLockSpec,
} from "./store-lock.ts";

/** A lock of a file store: that of the file of its name. */
export class FileLockHandle implements StoreLock {
  readonly name: string;
  readonly #context: FileContext;
  readonly #place: FilePlace;
  readonly #layout: StoreLockSpec["layout"];

  constructor(context: FileContext, name: string, spec: StoreLockSpec) {
    this.name = name;
    this.#context = context;
    this.#place = new FilePlace(context.root, name, true);
    this.#layout = spec.layout;
  }

  withRead<R>(work: (hold: StoreLockHold) => R | Promise<R>, options: StoreLockOptions = {}): Promise<R> {
    return this.#run("shared", (path) => readFinished(path, work, this.#lock(options)));
  }

  withWrite<R>(work: (hold: StoreLockHold) => R | Promise<R>, options: StoreLockOptions = {}): Promise<R> {
    const finished = (lock: FileLock): R | Promise<R> => {
      finishIntent(lock);
      return work(lock);
    };
    return this.#run("exclusive", (path) => withWriteLock(path, finished, this.#lock(options)));
  }

  acquire(mode: LockMode, options: StoreLockOptions = {}): Promise<StoreLockHold> {
    return this.#run(mode, async (path) => {
      for (;;) {
        const lock = await acquireLock(path, mode, this.#lock(options));
        if (await isFinished(lock)) return lock;
        await withWriteLock(path, finishIntent, this.#lock(options));
      }
    });
  }

  tryAcquire(mode: LockMode): Promise<StoreLockHold | undefined> {
    return this.#run(mode, async (path) => {
      for (;;) {
        const lock = await tryAcquireLock(path, mode, this.#lock({}));
        if (lock === undefined || (await isFinished(lock))) return lock;
        const writer = await tryAcquireLock(path, "exclusive", this.#lock({}));
        if (writer === undefined || !(await isFinished(writer))) return undefined;
        await writer.release();
      }
    });
  }

  inspect(): Promise<StoreLockInspection> {
    return this.#run(undefined, (path) => {
      const { held, mode, holders, waiters, waitingHere } = inspectLock(path, { layout: this.#layout });
      return Promise.resolve({
        held,
        mode,
        holders: holders.map(({ description }) => description),
        waiting: waiters.length + waitingHere,
      });
    });
  }

  #lock({ timeoutMs, signal, priority }: StoreLockOptions): LockOptions {
    const own = timeoutMs === undefined ? {} : { timeoutMs };
    return { ...this.#context.lock, ...own, signal, priority, layout: this.#layout };
  }

  #run<R>(mode: LockMode | undefined, use: (path: string) => Promise<R>): Promise<R> {
    return this.#context.work.run(`lock ${this.name}`, async () => {
      if (mode === "shared") checkSharedLocks(this.#context, this.name);
      this.#place.prepareForWriting();
      return await use(this.#place.path);
    });
  }
}

/** Finishes what a crash interrupted. A shared lock cannot: then it is released, and the answer is no. */
async function isFinished(lock: FileLock): Promise<boolean> {
  try {
    if (lock.mode === "exclusive") finishIntent(lock);
    if (lock.mode === "exclusive" || !mustFinish(lock)) return true;
  } catch (error) {
    await lock.release();
    throw error;
  }
  await lock.release();
  return false;
}
