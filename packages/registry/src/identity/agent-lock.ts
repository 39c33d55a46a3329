import { randomUUID } from "node:crypto";
import {
  absentRevision,
  identifyProcess,
  judgeProcess,
  RevisionConflictError,
  type LockLayout,
  type ProcessIdentity,
  type Store,
  type StoreDocument,
  type WaitOptions,
} from "@flockwork/core";
import { checkOptions, checkText } from "../arguments.ts";
import { IdentityHeldError } from "../errors.ts";
import { faultsOfFields, instant, isObject, pid, schemaOf, text, type Schema } from "../json-checks.ts";

/** `agent.lock`: who lives in a worker's directory. The first four fields are Gas Town's; it ignores the others. */
export interface AgentLockRecord {
  readonly pid: number;
  readonly acquired_at: string;
  readonly session_id?: string;
  readonly hostname?: string;
  readonly lock_id?: string;
  readonly start_ticks?: string;
  readonly boot_id?: string;
  readonly pid_namespace?: string;
}

/** How an identity is taken. */
export interface AgentLockOptions extends WaitOptions {
  /** The name of its session, for people. */
  readonly sessionId?: string | undefined;
  /** The document of the store. Default `".runtime/agent.lock"`, in a store of the worker's directory. */
  readonly document?: string | undefined;
}

/** An identity that this process has, until it gives it back or ends. */
export interface AgentLock extends AsyncDisposable {
  readonly record: AgentLockRecord;
  /** Gives it back, if it still is ours. False when it was somebody else's by then, and was left alone. Idempotent. */
  release(): Promise<boolean>;
}

const rules = {
  pid,
  acquired_at: instant,
  session_id: text,
  hostname: text,
  lock_id: text,
  start_ticks: text,
  boot_id: text,
  pid_namespace: text,
};
const recordSchema: Schema<AgentLockRecord> = schemaOf((value) =>
  isObject(value)
    ? faultsOfFields(value, rules, [], ["pid", "acquired_at"])
    : [{ message: "it must be an object", path: [] }],
);

/** Gas Town guards `agent.lock` with flock on `agent.lock.flock`. */
const identityLayout: LockLayout = {
  name: "gastown-identity",
  locate: (target) => ({
    legs: [{ kind: "flock", path: `${target}.flock`, fileMode: 0o644, createDirectory: true }],
  }),
};

/**
 * Takes the identity of a worker's directory, so that no second agent lives in it. Gas Town's own programs see it.
 *
 * Who has it keeps it until proven dead: its host is compared, a process that may not be signalled is alive, and a pid that was
 * used again is not. One of another host is never proven dead.
 *
 * @param store - A store of the worker's directory.
 * @throws {IdentityHeldError} `ERR_IDENTITY_HELD`. Else as a change of a document: a damaged file is not taken for a free one.
 */
export async function acquireAgentLock(store: Store, options: AgentLockOptions = {}): Promise<AgentLock> {
  checkOptions(options);
  const { sessionId, timeoutMs, signal } = options;
  const document = documentOf(store, options);
  const lockId = randomUUID();
  const record = recordOf(lockId, sessionId);
  const wait = { timeoutMs, signal };
  for (;;) {
    const { value, revision } = await document.readWithRevision();
    if (revision !== absentRevision && !isProvenDead(value)) throw heldError(document.name, value);
    try {
      await document.update((draft) => replaceAll(draft, record), { ...wait, expectedRevision: revision });
      return new HeldAgentLock(document, record);
    } catch (error) {
      if (!(error instanceof RevisionConflictError)) throw error; // somebody was faster: look again
    }
  }
}

/** Who has the identity of a worker's directory, dead or alive. Undefined where nobody has. Throws as reading a document. */
export async function readAgentLock(
  store: Store,
  options: Pick<AgentLockOptions, "document"> = {},
): Promise<{ readonly record: AgentLockRecord; readonly dead: boolean } | undefined> {
  const { value, revision } = await documentOf(store, options).readWithRevision();
  return revision === absentRevision ? undefined : { record: value, dead: isProvenDead(value) };
}

class HeldAgentLock implements AgentLock {
  readonly record: AgentLockRecord;
  readonly #document: StoreDocument<AgentLockRecord>;
  #released: Promise<boolean> | undefined;

  constructor(document: StoreDocument<AgentLockRecord>, record: AgentLockRecord) {
    this.#document = document;
    this.record = record;
  }

  release(): Promise<boolean> {
    this.#released ??= this.#remove().catch((error: unknown) => {
      this.#released = undefined; // so that it can be tried again
      throw error;
    });
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  async #remove(): Promise<boolean> {
    for (;;) {
      const { value, revision } = await this.#document.readWithRevision();
      if (revision === absentRevision || value.lock_id !== this.record.lock_id) return false;
      try {
        return await this.#document.remove({ expectedRevision: revision });
      } catch (error) {
        if (!(error instanceof RevisionConflictError)) throw error;
      }
    }
  }
}

function documentOf(
  store: Store,
  options: Pick<AgentLockOptions, "document">,
): StoreDocument<AgentLockRecord> {
  return store.document<AgentLockRecord>({
    name: options.document ?? ".runtime/agent.lock",
    schema: recordSchema,
    defaults: () => ({ pid: 1, acquired_at: new Date(0).toISOString() }), // stands for none; `absentRevision` tells
    layout: identityLayout,
    mode: 0o644,
  });
}

function recordOf(lockId: string, sessionId: string | undefined): AgentLockRecord {
  const { pid: own, host, startTicks, bootId, pidNamespace } = identifyProcess();
  return {
    pid: own,
    acquired_at: new Date().toISOString(),
    ...(sessionId === undefined ? {} : { session_id: checkText("sessionId", sessionId) }),
    hostname: host,
    lock_id: lockId,
    ...(startTicks === undefined ? {} : { start_ticks: startTicks }),
    ...(bootId === undefined ? {} : { boot_id: bootId }),
    ...(pidNamespace === undefined ? {} : { pid_namespace: pidNamespace }),
  };
}

/** Gas Town's own record has no more than a pid and a host; an old one not even that: then it was this host. */
function isProvenDead(record: AgentLockRecord): boolean {
  const { hostname: host = identifyProcess().host, start_ticks, boot_id, pid_namespace } = record;
  const identity: ProcessIdentity = {
    pid: record.pid,
    host,
    startTicks: start_ticks,
    bootId: boot_id,
    pidNamespace: pid_namespace,
  };
  const verdict = judgeProcess(identity);
  return verdict !== "running" && verdict !== "elsewhere";
}

function replaceAll(draft: AgentLockRecord, record: AgentLockRecord): void {
  for (const key of Object.keys(draft)) delete (draft as unknown as Record<string, unknown>)[key];
  Object.assign(draft, record);
}

function heldError(
  name: string,
  { pid: holder, hostname, session_id, acquired_at }: AgentLockRecord,
): IdentityHeldError {
  const session = session_id === undefined ? "" : `, session ${JSON.stringify(session_id)}`;
  const who = `process ${holder}${hostname === undefined ? "" : ` of ${hostname}`}${session}, since ${acquired_at}`;
  return new IdentityHeldError(name, who, holder);
}
