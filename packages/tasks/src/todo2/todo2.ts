import { hostname } from "node:os";
import {
  fileStore,
  systemClock,
  type Clock,
  type Store,
  type StoreLockOptions,
  type WaitOptions,
} from "@flockwork/core";
import { defaultClaimMs, type ClaimProof, type ClaimRecord, type Claims } from "../claims/claims.ts";
import {
  batchClaim,
  claimForAgent,
  endDeadAgents,
  keepRenewing,
  proofOf,
  staleLocksOf,
  type AgentStore,
  type BatchClaimResult,
  type ClaimResult,
  type StaleLockOptions,
  type StaleLocks,
} from "./agent-claims.ts";
import { gitLock, taskLock } from "./file-locks.ts";
import { Todo2Handoffs } from "./handoffs.ts";
import type { NewTodo2Task, Todo2Comment, Todo2Fields, Todo2Filter, Todo2Task } from "./task.ts";

/** Under which conditions a task is changed. */
export interface ChangeTodo2Options extends WaitOptions {
  /** The claim it is changed under. Without one, a task that somebody holds is not changed. */
  readonly claim?: ClaimProof | undefined;
  /** Change it although somebody else holds it. Default false. */
  readonly force?: boolean | undefined;
  /** Change it only at this version. */
  readonly expectedVersion?: number | undefined;
}

/** What `exarp-go lock status -json` shows. */
export interface LockStatus {
  readonly task_locks: StaleLocks;
  readonly git_lock: { readonly path: string; readonly exists: boolean; readonly held: boolean };
}

/** The tasks of one project, wherever they lie: exarp's calls by their names, over the claims that every store has. */
export abstract class Todo2 implements AgentStore {
  /** Who works on what. */
  abstract readonly claims: Claims<string>;
  /** What sessions leave for the next. */
  readonly handoffs: Todo2Handoffs;
  readonly #directory: string;
  readonly #clock: Clock;
  /** The project's files, for locks and for what is not in a database. */
  protected readonly files: Store;

  protected constructor(directory: string, clock: Clock | undefined) {
    this.#directory = directory;
    this.#clock = clock ?? systemClock;
    this.files = fileStore(directory);
    this.handoffs = new Todo2Handoffs(this.files, this.#clock);
  }

  /** The tasks that match, in the order in which they were created. */
  abstract list(filter?: Todo2Filter): Promise<readonly Todo2Task[]>;
  /** One task. Undefined where there is none of that id. */
  abstract get(id: string): Promise<Todo2Task | undefined>;
  /** Adds a task. @throws {TaskExistsError | TaskNotFoundError | DependencyCycleError} nothing was changed. */
  abstract create(fields: NewTodo2Task, options?: WaitOptions): Promise<Todo2Task>;
  /**
   * Changes the fields given and no others; `undefined` removes one. Where nothing differs nothing is written.
   * @throws {TaskNotFoundError | TaskConflictError | TaskClaimedError | DependencyCycleError} nothing was changed.
   * {@link StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`, {@link LeaseLostError}: the claim given is over.
   */
  abstract update(id: string, fields: Todo2Fields, options?: ChangeTodo2Options): Promise<Todo2Task>;
  /** Removes a task. Throws as `update`. */
  abstract remove(id: string, options?: ChangeTodo2Options): Promise<void>;
  /** Adds a comment. Whoever holds the task. @throws {TaskNotFoundError} {@link TypeError} exarp knows no such comment. */
  abstract comment(
    id: string,
    type: Todo2Comment["type"],
    content: string,
    options?: WaitOptions,
  ): Promise<Todo2Comment>;
  /** The comments on a task, the oldest first. None for a task that is not there. */
  abstract comments(id: string): Promise<readonly Todo2Comment[]>;
  /** Ends the use of it. */
  abstract close(): Promise<void>;

  /** The time now, of the clock that claims go by. */
  readonly nowMs = (): number => this.#clock.now();

  /** exarp's `ClaimTaskForAgent`: for 30 minutes, unless `leaseMs` says otherwise. A refusal is an answer. */
  claimTaskForAgent(
    taskId: string,
    agentId: string,
    leaseMs?: number,
    options?: WaitOptions & { readonly again?: boolean | undefined },
  ): Promise<ClaimResult> {
    return claimForAgent(this, taskId, agentId, leaseMs, options);
  }

  /** exarp's `BatchClaimTasks`: all or none. */
  batchClaimTasks(
    taskIds: readonly string[],
    agentId: string,
    leaseMs?: number,
    options?: WaitOptions,
  ): Promise<BatchClaimResult> {
    return batchClaim(this, taskIds, agentId, leaseMs, options);
  }

  /** exarp's `ReleaseTask`: the assignee's alone; the status stays. @throws {TaskClaimedError | LeaseLostError} */
  async releaseTask(taskId: string, agentId: string, options?: WaitOptions): Promise<void> {
    await this.claims.release(taskId, await proofOf(this, taskId, agentId), options);
  }

  /** exarp's `RenewLease`: the assignee's alone. @throws {TaskClaimedError | LeaseLostError} */
  async renewLease(
    taskId: string,
    agentId: string,
    leaseMs: number = defaultClaimMs,
    options?: WaitOptions,
  ): Promise<ClaimRecord<string>> {
    return this.claims.renew(taskId, await proofOf(this, taskId, agentId), { ...options, leaseMs });
  }

  /** exarp's `CleanupExpiredLocks`: what was in progress is to do again. @returns How many there were. */
  async cleanupExpiredLocks(options?: WaitOptions): Promise<number> {
    return (await this.claims.sweep(options)).length;
  }

  /** Ends the claims of agents whose process has ended on this host, or that have been over for `staleMs`. */
  cleanupDeadAgentLocks(staleMs: number = 300_000): Promise<readonly ClaimRecord<string>[]> {
    return endDeadAgents(this, staleMs, hostname());
  }

  /** The claims there are, and which are near their end, over, or long over. */
  detectStaleLocks(options?: StaleLockOptions): Promise<StaleLocks> {
    return staleLocksOf(this, options);
  }

  /** As exarp's `lock status`. */
  async lockStatus(): Promise<LockStatus> {
    return { task_locks: await this.detectStaleLocks(), git_lock: gitLock.inspect(this.#directory) };
  }

  /**
   * exarp's `RunLeaseRenewal`: renews every `intervalMs` (default: a third of the lease) until the signal aborts.
   * @throws {StaleFencingTokenError | LeaseLostError} the claim is somebody else's, or over: stop working.
   */
  async runLeaseRenewal(
    taskId: string,
    agentId: string,
    options: {
      readonly signal: AbortSignal;
      readonly leaseMs?: number | undefined;
      readonly intervalMs?: number | undefined;
    },
  ): Promise<void> {
    const { signal, leaseMs = defaultClaimMs, intervalMs = leaseMs / 3 } = options;
    await keepRenewing(this, taskId, await proofOf(this, taskId, agentId), { leaseMs, intervalMs, signal });
  }

  /** Runs git writes while no other program runs any: exarp's `.todo2/.git-sync.lock`. Waits 60 s at most by default. */
  withGitLock<R>(work: () => R | Promise<R>, options?: StoreLockOptions): Promise<R> {
    return gitLock.run(this.files, work, options);
  }

  /** Runs work under exarp's lock file of one task. Claims need it not; it is for what is done outside of the tasks. */
  withTaskLock<R>(taskId: string, work: () => R | Promise<R>, options?: StoreLockOptions): Promise<R> {
    return taskLock(this.files, taskId, work, options);
  }
}
