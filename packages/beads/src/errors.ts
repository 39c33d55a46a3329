import { StoreError, type SchemaIssue } from "@flockwork/core";

/** There is no issue of that id. Nothing was changed. */
export class BeadNotFoundError extends StoreError {
  readonly code = "ERR_BEAD_NOT_FOUND";
  readonly id: string;

  constructor(id: string, attempt: string) {
    super(`Cannot ${attempt}: there is no issue ${id}. Nothing was changed; list() shows what there is.`);
    this.id = id;
  }
}

/** An issue of that id is there already. Nothing was changed. */
export class BeadExistsError extends StoreError {
  readonly code = "ERR_BEAD_EXISTS";
  readonly id: string;

  constructor(id: string) {
    super(
      `Cannot create ${id}: an issue of that id exists. Nothing was changed; leave the id out to get a new one.`,
    );
    this.id = id;
  }
}

/** What an issue would be breaks a rule of its format. Nothing was changed. */
export class BeadInvalidError extends StoreError {
  readonly code = "ERR_BEAD_INVALID";
  readonly id: string | undefined;
  readonly issues: readonly SchemaIssue[];

  constructor(id: string | undefined, issues: readonly SchemaIssue[]) {
    const [first] = issues;
    const at = first === undefined || first.path.length === 0 ? "" : ` at ${first.path.join(".")}`;
    super(
      `${id === undefined ? "The new issue" : `Issue ${id}`} would not be valid${at}: ${first?.message ?? "its format refuses it"}` +
        `${issues.length > 1 ? ` (and ${issues.length - 1} more)` : ""}. Nothing was changed.`,
    );
    this.id = id;
    this.issues = issues;
  }
}

/** The dependency would close a circle: none of its issues could ever become ready. Nothing was changed. */
export class DependencyCycleError extends StoreError {
  readonly code = "ERR_DEPENDENCY_CYCLE";
  /** The ids along the circle; the first is repeated at the end. */
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[]) {
    super(
      `The dependency would close a circle: ${cycle.join(" → ")}. Nothing was changed; remove one of its dependencies first.`,
    );
    this.cycle = cycle;
  }
}

/** Somebody else has claimed the issue. Nothing was changed. */
export class AlreadyClaimedError extends StoreError {
  readonly code = "ERR_ALREADY_CLAIMED";
  readonly id: string;
  readonly assignee: string | undefined;

  constructor(id: string, assignee: string | undefined, until: string | undefined) {
    super(
      `${id} is claimed by ${assignee ?? "somebody"}${until === undefined ? "" : ` until ${until}`}. Nothing was changed; claim another of ready().`,
    );
    this.id = id;
    this.assignee = assignee;
  }
}

/** The issue is in no state to be claimed: closed, blocked, deferred. Nothing was changed. */
export class NotClaimableError extends StoreError {
  readonly code = "ERR_NOT_CLAIMABLE";
  readonly id: string;
  readonly status: string;

  constructor(id: string, status: string) {
    super(
      `${id} cannot be claimed: its status is ${status}, and only open issues can be. Nothing was changed.`,
    );
    this.id = id;
    this.status = status;
  }
}

/** bd 0.51 and later owns the data: the JSONL file is its export, and what is written there by hand is lost. Nothing was changed. */
export class DoltEraError extends StoreError {
  readonly code = "ERR_DOLT_ERA";
  readonly path: string;

  constructor(path: string, why: string) {
    super(
      `Refusing to write ${path}: ${why}, so this file is an export that bd overwrites, and bd stops exporting once it finds other lines in it. ` +
        "Nothing was changed. Write through bd (`bd import -`, `bd create`, `bd update`): openBeads does so when bd is on PATH, or with the option bd.",
    );
    this.path = path;
  }
}

/** `bd` was run and failed, or could not be run. What it changed before is bd's. */
export class BdFailedError extends StoreError {
  readonly code = "ERR_BD_FAILED";
  readonly exitCode: number | undefined;
  /** What bd wrote on its error output, the last 4 000 characters. */
  readonly stderr: string;

  constructor(attempt: string, exitCode: number | undefined, stderr: string, options?: ErrorOptions) {
    const how = exitCode === undefined ? "could not be run" : `ended with ${exitCode}`;
    super(`Cannot ${attempt}: bd ${how}${stderr.trim() === "" ? "" : `: ${stderr.trim()}`}.`, options);
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/**
 * bd has newer versions of issues than those a change was made from: somebody changed them through bd meanwhile. It passed over them;
 * issues of the same call that were not newer there it took.
 */
export class BdNewerError extends StoreError {
  readonly code = "ERR_BD_NEWER";
  /** What bd passed over. */
  readonly ids: readonly string[];
  /** What it took. */
  readonly took: readonly string[];

  constructor(ids: readonly string[], took: readonly string[]) {
    super(
      `bd passed over ${ids.join(", ")}: somebody changed them through bd meanwhile. ` +
        `${took.length === 0 ? "Nothing was changed" : `It took ${took.join(", ")}`}. Repeat the change of those it passed over.`,
    );
    this.ids = ids;
    this.took = took;
  }
}

/** A database cannot be used as bd's: it is none, it is damaged, or its tables are others. Nothing was changed. */
export class DatabaseFormatError extends StoreError {
  readonly code = "ERR_DATABASE_FORMAT";
  readonly path: string;

  constructor(path: string, why: string, options?: ErrorOptions) {
    super(
      `${path} ${why}. Nothing was changed; move it away, then restore a backup (restoreDatabase).`,
      options,
    );
    this.path = path;
  }
}

/** The file holds conflict markers of git. Nothing was changed. */
export class ConflictMarkersError extends StoreError {
  readonly code = "ERR_CONFLICT_MARKERS";
  readonly path: string;
  /** Of the first marker, counted from 1. */
  readonly line: number;

  constructor(path: string, line: number) {
    super(
      `${path}, line ${line}: a conflict marker of git. Nothing was changed; repair("${path}") merges both sides and keeps a copy.`,
    );
    this.path = path;
    this.line = line;
  }
}
