import { StoreError } from "@flockwork/core";

/** There is no such machine, or no such agent. Nothing was changed. */
export class EntryNotFoundError extends StoreError {
  readonly code = "ERR_ENTRY_NOT_FOUND";
  readonly kind: "machine" | "agent";
  readonly key: string;

  constructor(kind: "machine" | "agent", key: string, registry: string) {
    super(`${kind} not found: ${key}. ${registry} has no such entry; list() shows what it has.`);
    this.kind = kind;
    this.key = key;
  }
}

/** An agent of that id is registered and not proven dead. Nothing was changed. */
export class EntryExistsError extends StoreError {
  readonly code = "ERR_ENTRY_EXISTS";
  readonly key: string;
  /** The generation that holds the id. */
  readonly generation: string;

  constructor(key: string, generation: string, holder: string) {
    super(
      `Cannot register the agent ${key}: it is registered already, as generation ${generation} of ${holder}, and not proven ` +
        "dead. Nothing was changed. Register under another id, give the resumeToken of that registration to go on with it, " +
        "or wait until sweep() has proof of its death.",
    );
    this.key = key;
    this.generation = generation;
  }
}

/** An entry that may not be stored, or not be removed: the message begins as Gas Town's own. Nothing was changed. */
export class EntryInvalidError extends StoreError {
  readonly code = "ERR_ENTRY_INVALID";
  readonly key: string;

  constructor(key: string, message: string, hint: string) {
    super(`${message}. ${hint} Nothing was changed.`);
    this.key = key;
  }
}

/**
 * An agent acts under a registration that is not the current one: it was declared dead, it unregistered, or a successor took
 * its id. Nothing was changed. Stop what was done under that registration; register again to go on.
 */
export class StaleGenerationError extends StoreError {
  readonly code = "ERR_STALE_GENERATION";
  readonly key: string;
  /** The generation the caller came with. */
  readonly presented: string;
  /** The generation that is registered now; undefined where none is. */
  readonly current: string | undefined;

  constructor(key: string, presented: string, current: string | undefined, why: string) {
    super(
      `The agent ${key} is not registered as generation ${presented} any more: ${why}. Nothing was changed. ` +
        "Stop the work done under it, and register again to go on.",
    );
    this.key = key;
    this.presented = presented;
    this.current = current;
  }
}

/** Events after that revision may have been forgotten. Read everything with `listWithRevision`, and watch from there. */
export class RevisionTooOldError extends StoreError {
  readonly code = "ERR_REVISION_TOO_OLD";
  readonly revision: string;
  /** The oldest revision that can be watched from. */
  readonly oldest: string;

  constructor(revision: string, oldest: string) {
    super(
      `Cannot watch from revision ${revision}: agents that ended up to revision ${oldest} have been forgotten. ` +
        "Read all with listWithRevision(), and watch from the revision it gives.",
    );
    this.revision = revision;
    this.oldest = oldest;
  }
}

/** A label selector that cannot be read. */
export class SelectorInvalidError extends StoreError {
  readonly code = "ERR_SELECTOR_INVALID";
  readonly selector: string;
  /** Where in the selector, in characters from 0. */
  readonly offset: number;

  constructor(selector: string, offset: number, why: string) {
    super(`Cannot read the label selector ${JSON.stringify(selector)}: ${why} at character ${offset}.`);
    this.selector = selector;
    this.offset = offset;
  }
}

/** A path of a settings document leads through a value that has no members. Nothing was changed. */
export class SettingPathError extends StoreError {
  readonly code = "ERR_SETTING_PATH";
  readonly path: string;

  constructor(document: string, path: string, at: string, found: string) {
    super(
      `Cannot use ${path} of ${document}: ${at} is ${found}, not an object. Nothing was changed; set ${at} first, or use another path.`,
    );
    this.path = path;
  }
}

/** Another process has the identity. Nothing was changed. */
export class IdentityHeldError extends StoreError {
  readonly code = "ERR_IDENTITY_HELD";
  /** The process that has it, where that is known. */
  readonly pid: number | undefined;

  constructor(lock: string, holder: string, pid: number | undefined) {
    super(
      `Cannot take ${lock}: it is held by ${holder}, which is not proven dead. Nothing was changed. ` +
        "Stop that process first, or use another directory.",
    );
    this.pid = pid;
  }
}
