import type { FileLock } from "./file-lock.ts";
import type { LockMode } from "./lock-mode.ts";
import type { BackendName } from "./lock-options.ts";

/** One file's part in a lock that is held for several of them. Whoever acquired the whole releases it. */
export class LockView implements FileLock {
  readonly path: string;
  readonly targetPath: string;
  readonly mode: LockMode;
  readonly #whole: FileLock;

  constructor(whole: FileLock, path: string, targetPath: string, mode: LockMode) {
    this.#whole = whole;
    this.path = path;
    this.targetPath = targetPath;
    this.mode = mode;
  }

  get lockPath(): string {
    return this.#whole.lockPath;
  }

  get lockPaths(): readonly string[] {
    return this.#whole.lockPaths;
  }

  get backend(): BackendName {
    return this.#whole.backend;
  }

  get signal(): AbortSignal {
    return this.#whole.signal;
  }

  get held(): boolean {
    return this.#whole.held;
  }

  assertHeld(): void {
    this.#whole.assertHeld();
  }

  /** Does nothing: the locks of `lockAll` are released together, when its work ends. */
  release(): Promise<void> {
    return Promise.resolve();
  }

  /** Does nothing, as `release`. */
  releaseSync(): void {
    // see release
  }

  [Symbol.dispose](): void {
    this.releaseSync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}
