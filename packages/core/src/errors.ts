import { describeOs, osCodeOf } from "./os-error.ts";

/**
 * Whether a call that failed may simply be made again.
 *
 * - `safe`: nothing happened, and another time it may succeed; what conflicted is to be read again first.
 * - `with-idempotency-key`: it may have happened. Repeat only what is the same done twice (`idOf` of a log, `expectedRevision`).
 * - `no`: it fails again until what the error names is mended.
 */
export type Retryable = "safe" | "with-idempotency-key" | "no";

/**
 * Every error Flockwork throws on purpose. Branch on `code`, which changes only in a major version, never on text.
 *
 * The message says what was attempted, on which path, and what to do next; each class says what state the disk is in.
 * Abort rejects with `signal.reason` itself, and misuse throws `TypeError` or `RangeError`: neither is a StoreError.
 */
export abstract class StoreError extends Error {
  /** Stable identifier, `ERR_` and capitals. */
  abstract readonly code: string;

  /** Whether the same call may be made again. */
  get retryable(): Retryable {
    return "no";
  }

  override get name(): string {
    return this.constructor.name;
  }
}

/** A read failed. The disk is unchanged. */
export class ReadFailedError extends StoreError {
  readonly code = "ERR_READ_FAILED";
  readonly path: string;
  readonly osCode: string | undefined;

  constructor(path: string, cause: unknown, hint = "") {
    const osCode = osCodeOf(cause);
    super(`Cannot read ${path}: ${describeOs(osCode, cause)}.${hint && ` ${hint}`}`, { cause });
    this.path = path;
    this.osCode = osCode;
  }
}

/** A write failed before it took effect: the old content stands, staged files are gone, the lock is free. */
export class WriteFailedError extends StoreError {
  readonly code = "ERR_WRITE_FAILED";
  readonly path: string;
  readonly osCode: string | undefined;

  constructor(path: string, attempt: string, cause: unknown) {
    const osCode = osCodeOf(cause);
    super(`Cannot ${attempt} ${path}: ${describeOs(osCode, cause)}. Nothing was changed.`, { cause });
    this.path = path;
    this.osCode = osCode;
  }
}

/**
 * The new content is visible, but a failure after that point leaves its survival of a power loss unknown; or the message says what
 * else is not known. Read again.
 */
export class CommitUncertainError extends StoreError {
  readonly code = "ERR_COMMIT_UNCERTAIN";
  readonly path: string;
  readonly osCode: string | undefined;

  override get retryable(): Retryable {
    return "with-idempotency-key";
  }

  /** @param state - What is known, where it is not that the content is visible and may not be durable. */
  constructor(
    path: string,
    cause: unknown,
    state: string = `The new content of ${path} is visible, but making it durable failed`,
  ) {
    const osCode = osCodeOf(cause);
    super(
      `${state}: ${describeOs(osCode, cause)}. ` +
        "Read it again before deciding whether to repeat the change.",
      { cause },
    );
    this.path = path;
    this.osCode = osCode;
  }
}

/** A path that must not be used: a special file, a hard link, someone else's file, a link where none may be. Disk unchanged. */
export class UnsafePathError extends StoreError {
  readonly code = "ERR_UNSAFE_PATH";
  readonly path: string;

  constructor(path: string, why: string) {
    super(`Refusing to use ${path}: ${why}`);
    this.path = path;
  }
}

/** Input larger or deeper than its limit, noticed before anything was written. */
export class TooLargeError extends StoreError {
  readonly code = "ERR_TOO_LARGE";
  readonly path: string;
  readonly limit: string;
  readonly actual: number;

  constructor(path: string, limit: string, allowed: number, actual: number) {
    super(
      `${path} exceeds ${limit}: ${actual} where ${allowed} is allowed. Raise the option ${limit} if this is wanted.`,
    );
    this.path = path;
    this.limit = limit;
    this.actual = actual;
  }
}

/** The bytes of a document are not the JSON they should be. They were left as they are. */
export class DocumentCorruptError extends StoreError {
  readonly code = "ERR_DOCUMENT_CORRUPT";
  readonly path: string;

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(
      `${path} is not a readable JSON document: ${why}. Nothing was changed; repair the file or move it away.`,
      options,
    );
    this.path = path;
  }
}

/** One thing a schema found wrong. */
export interface SchemaIssue {
  readonly message: string;
  /** Keys from the top of the value to the fault. */
  readonly path: readonly (string | number)[];
}

/** A value is JSON, but its schema, or JSON itself, refuses it. Nothing was written. */
export class DocumentInvalidError extends StoreError {
  readonly code = "ERR_DOCUMENT_INVALID";
  readonly path: string;
  readonly issues: readonly SchemaIssue[];

  constructor(path: string, issues: readonly SchemaIssue[]) {
    const first = issues[0];
    const at = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    super(
      `${path} does not hold a valid value${at}: ${first?.message ?? "refused by its schema"}${more}. Nothing was written.`,
    );
    this.path = path;
    this.issues = issues;
  }
}

/** Both versions of a document that two changed, and what they started from. Frozen. */
export interface ConflictingVersions {
  readonly base: unknown;
  /** What was to be written. It was not. */
  readonly ours: unknown;
  /** What stands. */
  readonly theirs: unknown;
  /** Where both changed the same: keys from the top. Empty where no merge was asked for. */
  readonly fields: readonly (readonly (string | number)[])[];
}

/** The document, or the log, is not at the revision the caller expected. Nothing was written. */
export class RevisionConflictError extends StoreError {
  readonly code = "ERR_REVISION_CONFLICT";
  readonly path: string;
  readonly expected: string;
  readonly actual: string;
  /** Known where a whole document was to be written over a change that the writer had not seen. */
  readonly versions: ConflictingVersions | undefined;

  override get retryable(): Retryable {
    return "safe";
  }

  constructor(path: string, expected: string, actual: string, versions?: ConflictingVersions) {
    const where = (versions?.fields ?? []).map((keys) => keys.join(".") || "the whole document");
    super(
      `${path} has changed: expected revision ${expected}, found ${actual}.` +
        `${where.length === 0 ? "" : ` Both changed ${where.slice(0, 5).join(", ")}.`} Read it again and repeat the change.`,
    );
    this.path = path;
    this.expected = expected;
    this.actual = actual;
    this.versions = versions;
  }
}

/** A line in the middle of a log is damaged. Nothing was changed. */
export class LogCorruptError extends StoreError {
  readonly code = "ERR_LOG_CORRUPT";
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly byteOffset: number;

  constructor(path: string, line: number, byteOffset: number, why: string, options?: ErrorOptions) {
    super(
      `${path}, line ${line} (byte ${byteOffset}) is damaged: ${why}. Nothing was changed; ` +
        'read with onCorrupt: "skip" or "quarantine" to go on without it.',
      options,
    );
    this.path = path;
    this.line = line;
    this.byteOffset = byteOffset;
  }
}

/** A record a log may not hold. Nothing was written. */
export class RecordInvalidError extends StoreError {
  readonly code = "ERR_RECORD_INVALID";
  readonly path: string;
  /** Position of the record in the call, from 0. */
  readonly index: number;
  readonly issues: readonly SchemaIssue[];

  constructor(path: string, index: number, issues: readonly SchemaIssue[]) {
    const first = issues[0];
    const at = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
    super(
      `Record ${index} for ${path} is not valid${at}: ${first?.message ?? "refused by its schema"}. Nothing was written.`,
    );
    this.path = path;
    this.index = index;
    this.issues = issues;
  }
}

/** This store, or this file system, cannot do what was asked, and does nothing weaker in its place. Nothing was changed. */
export class UnsupportedError extends StoreError {
  readonly code = "ERR_UNSUPPORTED";
  /** What was asked for. */
  readonly feature: string;

  constructor(feature: string, why: string) {
    super(`${feature} is not supported: ${why}. Nothing was changed.`);
    this.feature = feature;
  }
}

/** The store was closed. Nothing was changed. */
export class ClosedError extends StoreError {
  readonly code = "ERR_CLOSED";

  constructor(attempt: string) {
    super(
      `Cannot ${attempt}: the store is closed. Open it again with the function that made it. Nothing was changed.`,
    );
  }
}
