import { currentFrame, checkNesting, rememberOrder, runInside, type HeldFrame } from "../lock/held-locks.ts";
import type { LockMode } from "../lock/lock-mode.ts";
import { checkFunction, checkOptions, longestTimerMs } from "../options.ts";
import { directoryInTheWay, fileInTheWay } from "./name-in-the-way.ts";
import { MemoryLock, type MemoryClock } from "./memory-lock.ts";
import type { StoreLockOptions } from "./store-lock.ts";

const realTime: MemoryClock = {
  after(ms, run) {
    if (ms > longestTimerMs) return () => {}; // as good as for ever
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** What plays the disk for stores in memory: it outlives them, and several of them may share it, as processes share files. */
export class MemorySpace {
  readonly #cells = new Map<string, MemoryCell>();
  /** Every name that something was written, or locked, below: with files these would be directories. */
  readonly #directories = new Set<string>();
  readonly #clock: MemoryClock;

  /** @param options - `clock`: what ends waits whose time is up. Default: real time. */
  constructor(options: { readonly clock?: MemoryClock | undefined } = {}) {
    checkOptions(options);
    const { clock = realTime } = options;
    checkFunction("clock.after", (clock as { readonly after?: unknown }).after);
    this.#clock = clock;
  }

  /** What lies under a name, or would. */
  cell(name: string): MemoryCell {
    let cell = this.#cells.get(name);
    if (cell === undefined) this.#cells.set(name, (cell = new MemoryCell(name, this.#clock, this)));
    return cell;
  }

  /** To be called before what lies under a name is read. @throws {UnsafePathError} the name is in the way of another. */
  checkForReading(name: string): void {
    this.#refuseFileAbove(name);
    if (this.#directories.has(name)) throw directoryInTheWay(name);
  }

  /** To be called before it, or its lock, is written. Throws as {@link checkForReading}, of a lock only where a file is in its way. */
  prepareForWriting(name: string, isLock = false): void {
    if (isLock) this.#refuseFileAbove(name);
    else this.checkForReading(name);
    for (const above of namesAbove(name)) this.#directories.add(above);
  }

  #refuseFileAbove(name: string): void {
    const file = namesAbove(name).find((above) => this.#cells.get(above)?.isThere === true);
    if (file !== undefined) throw fileInTheWay(name, file);
  }

  /** What is there, sorted by name. A log without lines has no bytes. */
  files(): { readonly name: string; readonly bytes: number }[] {
    const there = [...this.#cells.values()].filter(({ isThere }) => isThere);
    const files = there.map(({ name, bytes, lines }) => ({
      name,
      bytes: bytes?.length ?? lines?.length ?? 0,
    }));
    return files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** `a` and `a/b`, of `a/b/c`. */
function namesAbove(name: string): string[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

let spaces = 0;

/** One name's content, its lock, and those who want to know when it changes. */
export class MemoryCell {
  readonly name: string;
  readonly lock: MemoryLock;
  /** The bytes of a document; undefined where there is none. */
  bytes: Buffer | undefined;
  /** The lines of a log; undefined where there is none. */
  lines: readonly string[] | undefined;
  /** Grows whenever a log is rewritten: positions start anew. */
  rewritten = 0;
  readonly #space: MemorySpace;
  readonly #lockPath: string;
  readonly #watching = new Set<() => void>();

  constructor(name: string, clock: MemoryClock, space: MemorySpace) {
    this.name = name;
    this.#space = space;
    this.lock = new MemoryLock(name, clock);
    this.#lockPath = `memory ${(spaces += 1)}: ${name}`;
  }

  get isThere(): boolean {
    return this.bytes !== undefined || this.lines !== undefined;
  }

  checkForReading(): void {
    this.#space.checkForReading(this.name);
  }

  prepareForWriting(isLock = false): void {
    this.#space.prepareForWriting(this.name, isLock);
  }

  /** Tells those who watch. */
  changed(): void {
    for (const wake of this.#watching) wake();
  }

  /** Resolves when it has changed, or when the signal aborts. */
  async nextChange(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#watching.add(resolve);
    const end = (): void => resolve();
    signal.addEventListener("abort", end, { once: true });
    await promise;
    signal.removeEventListener("abort", end);
    this.#watching.delete(resolve);
  }

  /**
   * Holds the lock while `work` runs.
   * @throws {LockReentryError | LockOrderError | LockTimeoutError} as files do; then `work` did not run.
   */
  async hold<R>(
    mode: LockMode,
    options: StoreLockOptions,
    work: (frame: HeldFrame) => R | Promise<R>,
  ): Promise<R> {
    const { frame, release } = await this.take(mode, options);
    try {
      return await runInside(frame, () => work(frame));
    } finally {
      release();
    }
  }

  async take(
    mode: LockMode,
    options: StoreLockOptions,
  ): Promise<{ readonly frame: HeldFrame; readonly release: () => void }> {
    const parent = currentFrame();
    checkNesting(this.#lockPath, this.name, parent);
    if (options.timeoutMs !== 0) rememberOrder(this.#lockPath, parent);
    const release = await this.lock.acquire(mode, options);
    const frame: HeldFrame = { lockPath: this.#lockPath, path: this.name, mode, parent, active: true };
    const end = (): void => {
      frame.active = false;
      release();
    };
    return { frame, release: end };
  }
}
