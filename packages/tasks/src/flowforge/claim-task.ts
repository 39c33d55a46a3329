/** The claim of a task in `tasks.json`: granted, renewed and ended on a draft, together with what it means for the task. */
import {
  checkLease,
  grantLease,
  hasNextFencingToken,
  isLeaseRecord,
  LeaseLostError,
  leaseState,
  releaseLease,
  renewLease,
  type Instant,
  type LeaseRecord,
} from "@flockwork/core";
import { TaskClaimedError } from "../errors.ts";
import {
  checkProof,
  defaultClaimMs,
  type ClaimProof,
  type ClaimRecord,
  type ClaimRefusal,
  type ClaimRequest,
  type Eviction,
} from "../claims/claims.ts";
import { refuse } from "../claims/refusal.ts";
import { isSettled, normalizeStatus } from "./status.ts";
import type { DraftTask, TaskBoard } from "./task-board.ts";
import type { FlowForgeTask, TaskId } from "./task.ts";

/** Names a task's lease in errors. */
export const leaseNameOf = (id: TaskId): string => `task ${id}`;

/** Grants a task on a draft: it is its holder's, and in progress. */
export function grantTask(
  board: TaskBoard,
  id: TaskId,
  { holder, leaseMs = defaultClaimMs, again = false }: ClaimRequest,
): LeaseRecord | ClaimRefusal<TaskId> {
  const now = board.instant;
  const task = board.require(id, () => `claim task ${id}`);
  if (isSettled(task))
    return refuse(id, "state", {
      why: `task ${id} is ${normalizeStatus(task.status)}: there is nothing to claim`,
    });
  const previous = leaseOf(task);
  const held = previous !== undefined && leaseState(previous, now) === "held";
  if (held && !(again && previous.holder === holder))
    return refuse(id, "claimed", { heldBy: previous.holder, until: previous.expiresAt });
  const free = held ? releaseLease(previous, previous.token, now) : previous;
  const granted = grantLease(free, { holder, leaseMs, graceMs: 0, now, name: leaseNameOf(id) });
  if (granted === undefined)
    return refuse(id, "claimed", { heldBy: previous?.holder, until: previous?.expiresAt });
  board.set(task, { claim: granted, assignee: holder, status: spell("in_progress", board, task) });
  return granted;
}

/** Whether a grant of a task can be told from the one before it. */
export function hasNextToken(board: TaskBoard, id: TaskId): boolean {
  const task = board.get(id);
  return task === undefined || hasNextFencingToken(leaseOf(task)?.token);
}

/** @throws {StaleFencingTokenError | LeaseLostError} it is not the caller's any more. */
export function renewTask(
  board: TaskBoard,
  id: TaskId,
  proof: ClaimProof,
  leaseMs: number | undefined,
): LeaseRecord {
  if (leaseMs === Infinity)
    throw new RangeError("leaseMs must be finite: FlowForge's tasks have no claims without an end");
  const task = board.require(id, () => `renew the claim of task ${id}`);
  const lease = proven(task, proof);
  const base = leaseMs === undefined ? lease : { ...lease, leaseMs };
  const renewed = renewLease(base, proof.token, board.instant, leaseNameOf(id));
  board.set(task, { claim: renewed });
  return renewed;
}

/** Gives a task back: nobody is assigned, the status stays. @throws {StaleFencingTokenError | LeaseLostError} */
export function releaseTask(board: TaskBoard, id: TaskId, proof: ClaimProof): void {
  const task = board.require(id, () => `release task ${id}`);
  end(board, task, releaseLease(proven(task, proof), proof.token, board.instant, leaseNameOf(id)), {});
}

/** Ends a claim whose holder did not: what was in progress is pending again. */
export function evictTask(
  board: TaskBoard,
  task: DraftTask,
  eviction: Eviction | undefined,
): ClaimRecord<TaskId> | undefined {
  const now = board.instant;
  const lease = leaseOf(task);
  if (lease === undefined || lease.releasedAt !== undefined) return undefined;
  const expired = leaseState(lease, now) !== "held";
  const audit = eviction && { evictedBy: eviction.by, evictionReason: eviction.reason };
  const idle = normalizeStatus(task.status) === "in_progress" ? { status: "pending" } : {};
  const record = recordOf(task.id, lease, now);
  end(board, task, { ...releaseLease(lease, lease.token, now), ...audit }, idle);
  return { ...record, state: expired ? "expired" : "held" };
}

/**
 * Refuses a change that somebody else's claim forbids, or that comes with a claim that is over.
 * @throws {StaleFencingTokenError | LeaseLostError | TaskClaimedError}
 */
export function checkClaim(
  task: FlowForgeTask | DraftTask,
  proof: ClaimProof | undefined,
  now: Instant,
): void {
  if (proof !== undefined) {
    proof.assertHeld?.();
    proven(task, proof);
    return;
  }
  const lease = leaseOf(task);
  if (lease !== undefined && leaseState(lease, now) === "held")
    throw new TaskClaimedError(task.id, lease.holder, lease.expiresAt);
}

/** The claim of a task as others see it. */
export function claimOf(task: FlowForgeTask | DraftTask, now: Instant): ClaimRecord<TaskId> | undefined {
  const lease = leaseOf(task);
  return lease && recordOf(task.id, lease, now);
}

export function recordOf(taskId: TaskId, lease: LeaseRecord, now: Instant): ClaimRecord<TaskId> {
  const { holder, token, acquiredAt, expiresAt } = lease;
  const state = leaseState(lease, now);
  return { taskId, holder, token, acquiredAt, expiresAt, state: state === "grace" ? "expired" : state };
}

/** A status in the spelling that the task has, or else the file. */
export function spell(status: string, board: TaskBoard, task?: DraftTask): string {
  if (status !== "in_progress") return status;
  if (task !== undefined && normalizeStatus(task.status) === status) return task.status ?? status;
  return board.hyphenates ? "in-progress" : status;
}

/** The lease that a proof is of. @throws {StaleFencingTokenError | LeaseLostError} */
function proven(task: FlowForgeTask | DraftTask, proof: ClaimProof): LeaseRecord {
  const { holder, token } = checkProof(proof);
  const lease = leaseOf(task);
  const name = leaseNameOf(task.id);
  checkLease(lease, token, name);
  if (lease.holder === holder) return lease;
  throw new LeaseLostError(name, 0, `it is ${lease.holder}'s`, undefined, `The claim of ${name}`);
}

/** The lease in a task, where it is one. What else a script may have put there is none of ours. */
function leaseOf(task: FlowForgeTask | DraftTask): LeaseRecord | undefined {
  return isLeaseRecord(task.claim) ? task.claim : undefined;
}

function end(
  board: TaskBoard,
  task: DraftTask,
  claim: LeaseRecord,
  fields: Readonly<Record<string, unknown>>,
): void {
  const assignee = task.assignee === claim.holder ? undefined : task.assignee;
  board.set(task, { claim, assignee, ...fields });
}
