import { StoreError, type Retryable } from "../errors.ts";
import { describeOs, osCodeOf } from "../os-error.ts";
import type { LockHolder } from "./lock-holder.ts";
import type { LockMode } from "./lock-mode.ts";

/** What is known when a lock was not granted in time. */
export interface LockTimeoutFacts {
  readonly path: string;
  readonly mode: LockMode;
  readonly timeoutMs: number;
  readonly waitedMs: number;
  readonly holder: LockHolder | undefined;
  /** The holder in words, where it is not one the kernel knows. */
  readonly described?: string | undefined;
  readonly hints?: readonly string[] | undefined;
}

/** The lock was not granted in time. Nothing was changed. */
export class LockTimeoutError extends StoreError {
  readonly code = "ERR_LOCK_TIMEOUT";
  readonly path: string;
  readonly mode: LockMode;
  readonly timeoutMs: number;
  readonly waitedMs: number;
  /** Who held it when we gave up, where the kernel tells. For people; never proof. */
  readonly holder: LockHolder | undefined;

  override get retryable(): Retryable {
    return "safe";
  }

  constructor(facts: LockTimeoutFacts) {
    const { path, mode, timeoutMs, waitedMs, holder, described = holder?.description, hints = [] } = facts;
    const who = described === undefined ? "its holder is unknown" : `held by ${described}`;
    super(
      [
        `Lock timeout: could not acquire ${mode} lock on ${path} after ${Math.round(waitedMs)} ms (timeoutMs: ${timeoutMs}); ${who}.`,
        "Nothing was changed. Try again, raise timeoutMs, or look at the holder with inspectLock().",
        ...hints,
      ].join(" "),
    );
    this.path = path;
    this.mode = mode;
    this.timeoutMs = timeoutMs;
    this.waitedMs = waitedMs;
    this.holder = holder;
  }
}

/** A lock that can be lost was lost: someone else may hold it now. What was not yet committed was not written. */
export class LeaseLostError extends StoreError {
  readonly code = "ERR_LEASE_LOST";
  readonly path: string;
  readonly heldForMs: number;

  constructor(
    path: string,
    heldForMs: number,
    why: string,
    options?: ErrorOptions,
    what = `The lock on ${path}`,
  ) {
    super(
      `${what} was lost after ${Math.round(heldForMs)} ms: ${why}. ` +
        "Nothing further was written; acquire it again, read again, and repeat the work.",
      options,
    );
    this.path = path;
    this.heldForMs = heldForMs;
  }
}

/** This very flow of calls already holds the lock: waiting would never end. Nothing was changed. */
export class LockReentryError extends StoreError {
  readonly code = "ERR_LOCK_REENTRY";
  readonly path: string;
  readonly heldMode: LockMode;

  constructor(path: string, heldMode: LockMode, why: string) {
    super(`The lock on ${path} is already held (${heldMode}): ${why}`);
    this.path = path;
    this.heldMode = heldMode;
  }
}

/** Two locks were taken in opposite orders, which can end in a deadlock. Nothing was changed. */
export class LockOrderError extends StoreError {
  readonly code = "ERR_LOCK_ORDER";
  readonly path: string;
  readonly heldPath: string;

  constructor(path: string, heldPath: string) {
    super(
      `Lock order inversion: ${path} is being acquired while ${heldPath} is held, but elsewhere this process ` +
        "takes them the other way round, so two callers can wait for each other for ever. " +
        "Take both at once with lockAll([...]), which sorts them.",
    );
    this.path = path;
    this.heldPath = heldPath;
  }
}

/** This kind of lock cannot be had here. Nothing was changed, and no weaker protocol was used instead. */
export class LockUnsupportedError extends StoreError {
  readonly code = "ERR_LOCK_UNSUPPORTED";
  readonly path: string;
  readonly backend: string;

  constructor(path: string, backend: string, why: string, options?: ErrorOptions) {
    super(`Cannot lock ${path} with ${backend}: ${why}`, options);
    this.path = path;
    this.backend = backend;
  }
}

/** Someone uses another lock protocol on the same name: the two would not exclude each other. Nothing was changed. */
export class LockBackendMismatchError extends StoreError {
  readonly code = "ERR_LOCK_BACKEND_MISMATCH";
  readonly path: string;
  readonly expected: string;
  readonly found: string;

  constructor(path: string, expected: string, found: string) {
    super(
      `${path} should be ${expected}, but is ${found}: another program locks it with a different protocol, ` +
        "and the two do not exclude each other. Choose one backend for every program, or remove what an old one left.",
    );
    this.path = path;
    this.expected = expected;
    this.found = found;
  }
}

/** The operating system refused a step of locking. Nothing was changed and nothing is held. */
export class LockFailedError extends StoreError {
  readonly code = "ERR_LOCK_FAILED";
  readonly path: string;
  readonly osCode: string | undefined;

  constructor(path: string, attempt: string, cause: unknown, hint = "") {
    const osCode = osCodeOf(cause);
    super(
      `Cannot ${attempt} ${path}: ${describeOs(osCode, cause)}.${hint && ` ${hint}`} Nothing was changed.`,
      { cause },
    );
    this.path = path;
    this.osCode = osCode;
  }
}
