/**
 * exarp's calls by their own names: an agent is known by its id alone, and what is refused is an answer, not an error. They are
 * made of the claims that every store has.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseLostError, type WaitOptions } from "@flockwork/core";
import { TaskClaimedError, TaskNotFoundError } from "../errors.ts";
import { defaultClaimMs, type ClaimProof, type ClaimRecord, type Claims } from "../claims/claims.ts";
import { isDeadAgent } from "./agent-id.ts";
import type { Todo2Task } from "./task.ts";

/** What came of exarp's `ClaimTaskForAgent`. */
export interface ClaimResult {
  readonly success: boolean;
  /** The task after the claim. */
  readonly task?: Todo2Task | undefined;
  /** Somebody else holds it. */
  readonly wasLocked: boolean;
  readonly lockedBy?: string | undefined;
  /** Why it was refused. */
  readonly error?: string | undefined;
  /** What later changes show. */
  readonly claim?: ClaimProof | undefined;
}

/** What came of exarp's `BatchClaimTasks`: all or none. */
export interface BatchClaimResult extends Omit<ClaimResult, "task" | "claim"> {
  /** The ids that were claimed: all that were asked for, or none. */
  readonly claimed: readonly string[];
  /** The id that was refused. */
  readonly failed?: string | undefined;
}

/** One claim, as `exarp-go lock status -json` shows it. Durations are seconds. */
export interface LockEntry {
  readonly task_id: string;
  readonly assignee: string;
  readonly lock_until: number | undefined;
  readonly is_expired: boolean;
  readonly is_stale: boolean;
  readonly time_remaining?: number | undefined;
  readonly time_expired?: number | undefined;
}

export interface StaleLocks {
  readonly total: number;
  readonly expired: number;
  readonly near_expiry: number;
  readonly stale: number;
  readonly locks: readonly LockEntry[];
}

/** From when on a claim is near its end, and from when on a claim that is over is stale. */
export interface StaleLockOptions {
  /** Milliseconds before the end. Default 300 000. */
  readonly nearExpiryMs?: number | undefined;
  /** Milliseconds after it. Default 300 000. */
  readonly staleMs?: number | undefined;
}

const nearby = 300_000;

/** What the calls below need of a store. */
export interface AgentStore {
  readonly claims: Claims<string>;
  readonly nowMs: () => number;
  readonly get: (id: string) => Promise<Todo2Task | undefined>;
}

export async function claimForAgent(
  store: AgentStore,
  taskId: string,
  agentId: string,
  leaseMs: number = defaultClaimMs,
  options: WaitOptions & { readonly again?: boolean | undefined } = {},
): Promise<ClaimResult> {
  const outcome = await store.claims.claim(taskId, { ...options, holder: agentId, leaseMs, keep: false });
  if (!outcome.granted)
    return {
      success: false,
      wasLocked: outcome.reason === "claimed",
      lockedBy: outcome.heldBy,
      error: outcome.message,
    };
  const { holder, token } = outcome;
  try {
    return { success: true, wasLocked: false, task: await store.get(taskId), claim: { holder, token } };
  } catch (error) {
    await outcome.release().catch(() => undefined); // nobody learns that it was granted: else it ends with its lease
    throw error;
  }
}

export async function batchClaim(
  store: AgentStore,
  taskIds: readonly string[],
  agentId: string,
  leaseMs: number = defaultClaimMs,
  options: WaitOptions = {},
): Promise<BatchClaimResult> {
  const outcome = await store.claims.claimAll(taskIds, { ...options, holder: agentId, leaseMs, keep: false });
  if (!("granted" in outcome)) return { success: true, wasLocked: false, claimed: [...taskIds] };
  const { reason, heldBy, message, taskId } = outcome;
  return {
    success: false,
    wasLocked: reason === "claimed",
    lockedBy: heldBy,
    error: message,
    claimed: [],
    failed: taskId,
  };
}

/** @throws {TaskClaimedError} somebody else's. {@link LeaseLostError} nobody's. {@link TaskNotFoundError} */
export async function proofOf(store: AgentStore, taskId: string, agentId: string): Promise<ClaimProof> {
  const record = await store.claims.inspect(taskId);
  if (record?.holder === agentId) return { holder: agentId, token: record.token };
  if (record !== undefined) throw new TaskClaimedError(taskId, record.holder, record.expiresAt);
  if ((await store.get(taskId)) === undefined)
    throw new TaskNotFoundError(`find the claim of ${taskId}`, taskId, ".todo2");
  throw new LeaseLostError(taskId, 0, "nobody holds it", undefined, `The claim of task ${taskId}`);
}

/** The longest that a timer of Node can wait: what is longer would wait for a millisecond. */
const longestMs = 2_147_483_647;

/** Renews until the signal aborts. @throws {RangeError} `intervalMs` is none; or what a renewal throws when the claim is lost. */
export async function keepRenewing(
  store: AgentStore,
  taskId: string,
  proof: ClaimProof,
  options: { readonly leaseMs: number; readonly intervalMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { leaseMs, intervalMs, signal } = options;
  if (!(intervalMs > 0))
    throw new RangeError(`intervalMs must be more than 0 milliseconds, got ${intervalMs}`);
  while (!signal.aborted) {
    await store.claims.renew(taskId, proof, { leaseMs, signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await sleep(Math.min(intervalMs, longestMs), undefined, { signal }).catch(() => undefined); // aborted
  }
}

export async function staleLocksOf(store: AgentStore, options: StaleLockOptions = {}): Promise<StaleLocks> {
  const { nearExpiryMs = nearby, staleMs = nearby } = options;
  const records = await store.claims.list({ expired: true });
  const leftMs = ({ expiresAt }: ClaimRecord<string>): number =>
    expiresAt === undefined ? Infinity : Date.parse(expiresAt) - store.nowMs();
  const locks = records.map((record): LockEntry => {
    const left = leftMs(record);
    const isOver = record.state === "expired";
    return {
      task_id: record.taskId,
      assignee: record.holder,
      lock_until: record.expiresAt === undefined ? undefined : Date.parse(record.expiresAt) / 1_000,
      is_expired: isOver,
      is_stale: isOver && -left > staleMs,
      ...(isOver ? { time_expired: Math.floor(-left / 1_000) } : { time_remaining: Math.ceil(left / 1_000) }),
    };
  });
  return {
    total: locks.length,
    expired: locks.filter((lock) => lock.is_expired).length,
    near_expiry: records.filter((record) => record.state === "held" && leftMs(record) <= nearExpiryMs).length,
    stale: locks.filter((lock) => lock.is_stale).length,
    locks,
  };
}

/**
 * Ends the claims of agents that are gone: their process has ended on this host, or their claim has been over for `staleMs`.
 */
export function endDeadAgents(
  store: AgentStore,
  staleMs: number,
  by: string,
): Promise<readonly ClaimRecord<string>[]> {
  return store.claims.endWhere(({ holder, expiresAt }) => {
    if (isDeadAgent(holder)) return { by, reason: "its process has ended" };
    const overForMs = expiresAt === undefined ? -Infinity : store.nowMs() - Date.parse(expiresAt);
    return overForMs < staleMs
      ? undefined
      : { by, reason: `it was over for ${Math.floor(overForMs / 1_000)} s` };
  });
}
