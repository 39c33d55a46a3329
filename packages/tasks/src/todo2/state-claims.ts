/** Claims in the entries of `state.todo2.json`: the columns of exarp's database as fields, and the token beside them. */
import { LeaseLostError, nextFencingToken, StaleFencingTokenError } from "@flockwork/core";
import { TaskClaimedError, TaskFormatError } from "../errors.ts";
import { defaultClaimMs, longestClaimMs, type ClaimProof, type ClaimRecord } from "../claims/claims.ts";
import { leaseFrom } from "../claims/lease-from.ts";
import { refuse } from "../claims/refusal.ts";
import type { ClaimRules } from "../claims/claim-rules.ts";
import { countOf } from "./count-of.ts";
import { set, stateFileName, textOf, versionOf, type StateBoard, type StateTodo } from "./state-board.ts";
import { claimableStatuses } from "./task.ts";

export const stateClaims: ClaimRules<string, StateBoard> = {
  grant(board, id, { holder, leaseMs = defaultClaimMs, again = false }) {
    const todo = board.require(id, () => `claim ${id}`);
    const record = recordOf(board, todo);
    const status = textOf(todo["status"]) ?? "Todo";
    if (!claimableStatuses.includes(status))
      return refuse(id, "state", {
        why: `task ${id} is ${status}: only Todo and In Progress can be claimed`,
      });
    if (record?.state === "held" && !(again && record.holder === holder))
      return refuse(id, "claimed", { heldBy: record.holder, until: record.expiresAt });
    const token = nextTokenOf(board, todo);
    const lease = leaseFrom({ holder, token, leaseMs, now: board.instant });
    set(todo, "assignee", holder);
    set(todo, "assigned_at", board.now);
    set(todo, "lock_until", endOf(board, leaseMs));
    set(todo, "status", "In Progress");
    board.touch(todo);
    set(todo, "claim_token", Number(token));
    set(todo, "claim_lease_ms", leaseMs === Infinity ? undefined : leaseMs);
    return lease;
  },

  renew(board, id, proof, leaseMs) {
    const todo = board.require(id, () => `renew the claim of ${id}`);
    const record = checkStateProof(board, todo, proof);
    const lasting = leaseMs ?? lastingOf(todo);
    const { holder, token, acquiredAt } = record;
    const lease = leaseFrom({ holder, token, leaseMs: lasting, now: board.instant, acquiredAt });
    set(todo, "lock_until", endOf(board, lasting));
    board.touch(todo);
    return lease;
  },

  release(board, id, proof) {
    const todo = board.require(id, () => `release ${id}`);
    checkStateProof(board, todo, proof);
    free(board, todo);
  },

  evict(board, id, eviction) {
    const todo = board.require(id, () => `release ${id}`);
    const record = recordOf(board, todo);
    if (record === undefined) return undefined;
    if (todo["status"] === "In Progress") set(todo, "status", "Todo");
    if (eviction !== undefined)
      set(todo, "evicted", { ...eviction, holder: record.holder, at: board.nowIso });
    free(board, todo);
    return record;
  },

  records(board, id) {
    const todos = id === undefined ? board.file.todos : [board.byId.get(id)];
    return todos.flatMap((todo) => (todo && recordOf(board, todo)) ?? []);
  },
};

/** @throws {StaleFencingTokenError | LeaseLostError | TaskClaimedError} */
export function checkStateClaim(board: StateBoard, todo: StateTodo, proof: ClaimProof | undefined): void {
  if (proof !== undefined) {
    proof.assertHeld?.();
    checkStateProof(board, todo, proof);
    return;
  }
  const record = recordOf(board, todo);
  if (record?.state === "held") throw new TaskClaimedError(todo.id, record.holder, record.expiresAt);
}

function checkStateProof(
  board: StateBoard,
  todo: StateTodo,
  { holder, token }: ClaimProof,
): ClaimRecord<string> {
  const record = recordOf(board, todo);
  if (record?.holder === holder && record.token === token) return record;
  const name = `task ${todo.id}`;
  const current = tokenOf(todo);
  if (current !== "0" && current !== token) throw new StaleFencingTokenError(name, token, current);
  const why = record === undefined ? "it was released" : `it is ${record.holder}'s`;
  throw new LeaseLostError(name, 0, why, undefined, `The claim of ${name}`);
}

function recordOf(board: StateBoard, todo: StateTodo): ClaimRecord<string> | undefined {
  const holder = todo["assignee"];
  if (typeof holder !== "string" || holder === "") return undefined;
  const until = todo["lock_until"];
  const state = typeof until === "number" && until > board.now ? "held" : "expired";
  const acquiredAt = isoOf(todo["assigned_at"]) ?? new Date(0).toISOString();
  return {
    taskId: todo.id,
    holder,
    token: tokenOf(todo),
    acquiredAt,
    expiresAt: isoOf(until),
    state,
  };
}

/** `"0"` where exarp, or a script, made the claim. */
function tokenOf(todo: StateTodo): string {
  return String(countOf(todo["claim_token"]) ?? 0);
}

/** @throws {TaskFormatError} what the task has is so high that no number follows. */
function nextTokenOf(board: StateBoard, todo: StateTodo): string {
  // Also when the task was removed and made again: exarp keeps nothing of ours that could tell the token of its namesake.
  const token = nextFencingToken(tokenOf(todo), board.instant, String(versionOf(todo) + 1));
  if (Number.isSafeInteger(Number(token))) return token;
  throw new TaskFormatError(
    `Cannot claim ${todo.id}: ${stateFileName}`,
    "has a version or a claim_token of it that no whole number below 2^53 follows. Correct it there",
  );
}

/** For how long the claim was asked for: without an end where the task does not say, or says what nobody can ask for. */
function lastingOf({ claim_lease_ms: leaseMs }: StateTodo): number {
  return typeof leaseMs === "number" && leaseMs > 0 && leaseMs <= longestClaimMs ? leaseMs : Infinity;
}

function free(board: StateBoard, todo: StateTodo): void {
  for (const name of ["assignee", "assigned_at", "lock_until"]) set(todo, name, undefined);
  board.touch(todo);
}

function endOf({ instant }: StateBoard, leaseMs: number): number {
  return leaseMs === Infinity ? Number.MAX_SAFE_INTEGER : Math.ceil((instant.wallMs + leaseMs) / 1_000);
}

function isoOf(seconds: unknown): string | undefined {
  const ms = typeof seconds === "number" ? seconds * 1_000 : Number.NaN;
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : undefined;
}
