/**
 * proper-lockfile's lock: a directory that its holder must keep touching. It works where flock does not, and beside programs
 * that use it already, but it is a lease: whoever is paused for too long loses it while still at work. Exclusive only.
 */
import { osCodeOf } from "../os-error.ts";
import { files } from "../platform/file-system.ts";
import { quietly } from "../platform/forgiving.ts";
import { loadProperLockfile, takeLease } from "../platform/lockfile.ts";
import { monotonicMs } from "./clock.ts";
import {
  LeaseLostError,
  LockBackendMismatchError,
  LockFailedError,
  LockUnsupportedError,
} from "./lock-errors.ts";
import { recordFailure } from "./lock-metrics.ts";
import type { LockMode } from "./lock-mode.ts";
import type { Attempt, Competition, CompetitionEnd, LockPrimitive } from "./lock-primitive.ts";
import { PollingCompetition } from "./polling-competition.ts";
import { sleepSync } from "./sleep-sync.ts";

const staleMs = 10_000;
const updateMs = 2_500;
const maxPauseMs = 50;

/** One grant, from lock to release. */
interface Grant {
  readonly grantedAt: number;
  readonly give: () => void;
  /** The directory we made: who else's stands there is not ours. */
  readonly identity: string | undefined;
  readonly listeners: ((reason: Error) => void)[];
  lost: LeaseLostError | undefined;
}

export class LeaseLock implements LockPrimitive {
  readonly backend = "proper-lockfile";
  readonly provesAlone = false;
  readonly lockPath: string;
  #grant: Grant | undefined;

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
    load(this.lockPath);
    const grantedAt = monotonicMs();
    const slot: { grant?: Grant } = {};
    let give: () => void;
    try {
      give = takeLease(this.lockPath, {
        staleMs,
        updateMs,
        onCompromised: (cause) => {
          if (slot.grant !== undefined) this.#lose(slot.grant, cause.message, cause);
        },
        mayRemove: () => slot.grant === undefined || this.#look() === slot.grant.identity,
      });
    } catch (error) {
      const code = osCodeOf(error);
      if (code === "ELOCKED") return this.#refuseFile();
      if (code === "ENOTDIR" || code === "EEXIST") throw mismatch(this.lockPath);
      throw new LockFailedError(this.lockPath, "lock", error);
    }
    slot.grant = { grantedAt, give, identity: this.#lookOrGiveBack(give), listeners: [], lost: undefined };
    this.#grant = slot.grant;
    return "granted";
  }

  compete(
    mode: LockMode,
    _dataPath: string,
    startAfterMs: number,
    ended: (end: CompetitionEnd) => void,
  ): Competition {
    const plan = {
      attempt: () => this.tryAcquire(mode),
      giveBack: () => this.release(),
      startAfterMs,
      maxPauseMs,
    };
    return new PollingCompetition(mode, plan, ended);
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
    const grant = this.#grant;
    this.#grant = undefined;
    if (grant === undefined) return;
    // Always: it also stops touching the directory. One that is not ours any more is left standing (see mayRemove).
    try {
      grant.give();
    } catch (error) {
      if (error instanceof LockFailedError) throw error;
      if (osCodeOf(error) !== "ERELEASED") throw new LockFailedError(this.lockPath, "release", error);
    }
  }

  mayShare(): boolean {
    return false;
  }

  hasForeignWaiters(): boolean {
    return false; // they poll, unseen
  }

  stillGranted(): boolean {
    const grant = this.#grant;
    if (grant === undefined) return false;
    if (grant.lost === undefined && this.#look() !== grant.identity) {
      this.#lose(grant, "its lock directory is not ours any more");
    }
    return grant.lost === undefined;
  }

  assertHeld(): void {
    if (!this.stillGranted() && this.#grant?.lost !== undefined) throw this.#grant.lost;
  }

  onLost(listener: (reason: Error) => void): void {
    const grant = this.#grant;
    if (grant?.lost !== undefined) listener(grant.lost);
    else grant?.listeners.push(listener);
  }

  close(): void {
    // Nothing is kept open between uses.
  }

  #lose(grant: Grant, why: string, cause?: Error): void {
    if (grant.lost !== undefined) return;
    const lost = new LeaseLostError(this.lockPath, monotonicMs() - grant.grantedAt, why, { cause });
    grant.lost = lost;
    recordFailure("lost", this.lockPath);
    for (const listener of grant.listeners) listener(lost);
  }

  #look(): string | undefined {
    const stats = this.#stats();
    return stats === undefined ? undefined : `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
  }

  /** A lease that could never be told from a rival's is no lease: it would be renewed, and given back by nobody. */
  #lookOrGiveBack(give: () => void): string | undefined {
    try {
      return this.#look();
    } catch (error) {
      quietly(give);
      throw error;
    }
  }

  #stats(): ReturnType<typeof files.lstatSync> {
    try {
      return files.lstatSync(this.lockPath);
    } catch (cause) {
      throw new LockFailedError(this.lockPath, "look at", cause);
    }
  }

  #refuseFile(): Attempt {
    if (this.#stats()?.isFile() === true) throw mismatch(this.lockPath);
    return "busy";
  }
}

function load(lockPath: string): void {
  try {
    loadProperLockfile();
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
