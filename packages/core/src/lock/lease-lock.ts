/**
 * proper-lockfile's lock: a directory that its holder must keep touching. It works where flock does not, and beside programs
 * that use it already, but it is a lease: whoever is paused for too long loses it while still at work. Exclusive only.
 */
import { osCodeOf } from "../errors.ts";
import { files } from "../platform/file-system.ts";
import { properLockfile, type ProperLockfile } from "../platform/lockfile.ts";
import { monotonicMs } from "./clock.ts";
import {
  LeaseLostError,
  LockBackendMismatchError,
  LockFailedError,
  LockUnsupportedError,
} from "./lock-errors.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, LockPrimitive } from "./lock-primitive.ts";
import { PollingCompetition } from "./polling-competition.ts";
import { sleepSync } from "./sleep-sync.ts";

const staleMs = 10_000;
const updateMs = 2_500;
const maxPauseMs = 50;

export class LeaseLock implements LockPrimitive {
  readonly lockPath: string;
  #give: (() => void) | undefined;
  #lost: LeaseLostError | undefined;
  #grantedAt = 0;
  /** The directory we made: who else's stands there is not ours. */
  #identity: string | undefined;
  #listeners: ((reason: Error) => void)[] = [];

  constructor(lockPath: string) {
    this.lockPath = lockPath;
  }

  tryAcquire(mode: LockMode): Attempt {
    if (mode === "shared") {
      throw new LockUnsupportedError(
        this.lockPath,
        "proper-lockfile",
        "it has no shared mode; use an exclusive lock.",
      );
    }
    const library = load(this.lockPath);
    this.#lost = undefined;
    try {
      this.#give = library.lockSync(this.lockPath, {
        lockfilePath: this.lockPath,
        realpath: false,
        stale: staleMs,
        update: updateMs,
        onCompromised: (cause) => this.#lose(cause.message, cause),
      });
    } catch (error) {
      const code = osCodeOf(error);
      if (code === "ELOCKED") return this.#refuseFile();
      if (code === "ENOTDIR" || code === "EEXIST") throw mismatch(this.lockPath);
      throw new LockFailedError(this.lockPath, "lock", error);
    }
    this.#grantedAt = monotonicMs();
    this.#identity = this.#look();
    return "granted";
  }

  compete(mode: LockMode, _dataPath: string, startAfterMs: number): Competition {
    return new PollingCompetition(mode, () => this.tryAcquire(mode), { startAfterMs, maxPauseMs });
  }

  acquireSync(mode: LockMode, _dataPath: string, timeoutMs: number): Attempt {
    const deadlineAt = monotonicMs() + timeoutMs;
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      const outcome = this.tryAcquire(mode);
      const leftMs = deadlineAt - monotonicMs();
      if (outcome !== "busy" || leftMs <= 0) return outcome;
      sleepSync(Math.min(pauseMs, leftMs));
    }
  }

  release(): void {
    const give = this.#give;
    this.#give = undefined;
    this.#listeners = [];
    if (give === undefined || this.#lost !== undefined || this.#look() !== this.#identity) return;
    try {
      give();
    } catch (error) {
      if (osCodeOf(error) !== "ERELEASED") throw new LockFailedError(this.lockPath, "release", error);
    }
  }

  assertHeld(): void {
    if (this.#lost === undefined && this.#look() !== this.#identity)
      this.#lose("its lock directory is not ours any more");
    // Whoever could not run for as long as a lease lasts may have been replaced without a trace yet.
    if (this.#lost !== undefined) throw this.#lost;
  }

  onLost(listener: (reason: Error) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    // Nothing is kept open between uses.
  }

  #lose(why: string, cause?: Error): void {
    if (this.#lost !== undefined) return;
    const lost = new LeaseLostError(this.lockPath, monotonicMs() - this.#grantedAt, why, { cause });
    this.#lost = lost;
    for (const listener of this.#listeners) listener(lost);
  }

  #look(): string | undefined {
    const stats = files.lstatSync(this.lockPath);
    return stats === undefined ? undefined : `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
  }

  #refuseFile(): Attempt {
    if (files.lstatSync(this.lockPath)?.isFile() === true) throw mismatch(this.lockPath);
    return "busy";
  }
}

function load(lockPath: string): ProperLockfile {
  try {
    return properLockfile();
  } catch (cause) {
    throw new LockUnsupportedError(
      lockPath,
      "proper-lockfile",
      "it is not installed. Run: npm install proper-lockfile",
      { cause },
    );
  }
}

function mismatch(lockPath: string): LockBackendMismatchError {
  return new LockBackendMismatchError(lockPath, "a directory (proper-lockfile)", "a lock file (flock)");
}
