/** How long a call may wait for a lock. */
export interface WaitOptions {
  /**
   * Milliseconds to wait, on the monotonic clock. Default 30 000, or the environment variable
   * `FLOCKWORK_LOCK_TIMEOUT_MS`. 0 tries once; `Infinity` waits until `signal` aborts.
   */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait: the call rejects with `signal.reason`, and the lock is not held. */
  readonly signal?: AbortSignal | undefined;
}

/** What a write must survive before it is acknowledged: `disk` the loss of power, `os` the death of the process. */
export type Durability = "disk" | "os";

/** What every mutation resolves to. */
export interface Receipt {
  /** Names the content of the file after the call; equal revisions mean equal bytes. */
  readonly revision: string;
  /** Whether the call changed anything. */
  readonly changed: boolean;
  /** What the change survives from now on. */
  readonly durability: Durability;
}

const defaultTimeoutMs = 30_000;

let environmentTimeout: number | undefined;

/** The lock timeout that holds where a call names none; the environment is read once. @throws {RangeError} when it is malformed. */
export function environmentTimeoutMs(): number {
  return (environmentTimeout ??= readEnvironmentTimeout());
}

function readEnvironmentTimeout(): number {
  const text = process.env["FLOCKWORK_LOCK_TIMEOUT_MS"];
  if (text === undefined || text === "") return defaultTimeoutMs;
  return checkDuration("FLOCKWORK_LOCK_TIMEOUT_MS", text === "Infinity" ? Infinity : Number(text));
}

/** Checks a duration once, where it enters. @throws {TypeError | RangeError} naming the option. */
export function checkDuration(option: string, value: unknown): number {
  if (typeof value !== "number")
    throw new TypeError(`${option} must be a number of milliseconds, got ${typeof value}`);
  if (!(value >= 0))
    throw new RangeError(
      `${option} must be 0 or more milliseconds (0 tries once, Infinity waits), got ${value}`,
    );
  return value;
}

/** Checks a path once, where it enters: a non-empty string without NUL. @throws {TypeError} naming the argument. */
export function checkPath(argument: string, value: unknown): string {
  if (typeof value !== "string" || value === "")
    throw new TypeError(`${argument} must be a non-empty string, got ${describe(value)}`);
  if (value.includes("\0")) throw new TypeError(`${argument} must not contain a NUL character`);
  return value;
}

/** Checks a durability once, where it enters. @throws {TypeError} naming the option. */
export function checkDurability(value: unknown): Durability {
  if (value !== "disk" && value !== "os")
    throw new TypeError(`durability must be "disk" or "os", got ${describe(value)}`);
  return value;
}

/** Checks an options argument once, where it enters; undefined means the defaults. @throws {TypeError} it is no object. */
export function checkOptions(options: unknown): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`options must be an object, got ${describe(options)}`);
}

/** Checks the revision that a change expects, where it enters; it may be left out. @throws {TypeError} it is no string. */
export function checkExpectedRevision(revision: unknown): void {
  if (revision !== undefined && typeof revision !== "string")
    throw new TypeError(`expectedRevision must be a string, got ${describe(revision)}`);
}

/** Checks a callback once, where it enters. @throws {TypeError} naming the argument. */
export function checkFunction(argument: string, value: unknown): void {
  if (typeof value !== "function")
    throw new TypeError(`${argument} must be a function, got ${describe(value)}`);
}

/** Checks the signal that ends a call, where it enters; it may be left out. @throws {TypeError} it is no AbortSignal. */
export function checkSignal(value: unknown): void {
  if (value !== undefined && !(value instanceof AbortSignal))
    throw new TypeError(`signal must be an AbortSignal, got ${describe(value)}`);
}

function describe(value: unknown): string {
  return typeof value === "string"
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? "an array"
      : value === null
        ? "null"
        : typeof value;
}

/** The longest delay a Node timer takes, in milliseconds; a longer one would fire at once. */
export const longestTimerMs: number = 2 ** 31 - 1;
