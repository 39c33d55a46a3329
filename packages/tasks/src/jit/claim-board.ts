/** Claims in jit's log: what is decided is written as jit's own operations, at the end. */
import { randomUUID } from "node:crypto";
import { LeaseLostError, StaleFencingTokenError, type Instant, type LeaseRecord } from "@flockwork/core";
import { longestClaimMs, type ClaimProof, type ClaimRecord } from "../claims/claims.ts";
import { TaskFormatError } from "../errors.ts";
import { leaseFrom } from "../claims/lease-from.ts";
import { refuse } from "../claims/refusal.ts";
import type { ClaimRules } from "../claims/claim-rules.ts";
import {
  applyEntry,
  copyState,
  isOver,
  isSeq,
  type ClaimState,
  type JitClaimEntry,
  type KnownLease,
} from "./claim-log.ts";

/** jit's default: ten minutes. */
export const defaultJitClaimMs = 600_000;
const endlessPerAgent = 2;
const endlessPerRepository = 10;

/** Who claims, as jit writes it down. */
export interface ClaimContext {
  readonly worktreeId: string;
  readonly branch: string;
}

/** What the log says, and what is to be added to it. */
export class ClaimBoard {
  readonly state: ClaimState;
  readonly instant: Instant;
  readonly context: ClaimContext;
  readonly added: JitClaimEntry[] = [];

  constructor(state: ClaimState, instant: Instant, context: ClaimContext) {
    this.state = copyState(state);
    this.instant = instant;
    this.context = context;
  }

  get nowMs(): number {
    return this.instant.wallMs;
  }

  iso(afterMs = 0): string {
    return new Date(this.nowMs + afterMs).toISOString();
  }

  add(op: string, leaseId: string, rest: Readonly<Record<string, unknown>>): JitClaimEntry {
    const seq = this.state.lastSeq + 1;
    if (!isSeq(seq))
      throw new TaskFormatError(
        "claims.jsonl",
        "has a line with the last number that there is: no claim can change before that line is removed",
      );
    const entry = { schema_version: 1, seq, timestamp: this.iso(), op, lease_id: leaseId, ...rest };
    applyEntry(this.state, entry);
    this.added.push(entry);
    return entry;
  }

  /** The last lease of an issue, whose id jit may have written short. */
  leaseOf(id: string): KnownLease | undefined {
    let found = this.state.byIssue.get(id);
    for (const [known, lease] of this.state.byIssue)
      if (known.length < id.length && id.startsWith(known) && (found === undefined || lease.seq > found.seq))
        found = lease;
    return found;
  }
}

export const jitClaimRules: ClaimRules<string, ClaimBoard> = {
  grant(board, id, { holder, leaseMs = defaultJitClaimMs, again = false }) {
    const known = board.leaseOf(id);
    const held = known !== undefined && !isOver(known, board.nowMs);
    if (held && !(again && known.agent_id === holder))
      return refuse(id, "claimed", { heldBy: known.agent_id, until: known.expires_at ?? undefined });
    const endless = leaseMs === Infinity;
    const why = endless ? tooMany(board, holder, known) : undefined;
    if (why !== undefined) return refuse(id, "limit", { why });
    if (held) board.add("release", known.lease_id, { released_at: board.iso() });
    else if (known !== undefined && !known.ended)
      board.add("auto-evict", known.lease_id, { evicted_at: board.iso(), reason: "expired" });
    const seconds = endless ? 0 : Math.ceil(leaseMs / 1_000);
    const leaseId = randomUUID();
    const { seq } = board.add("acquire", leaseId, {
      issue_id: id,
      agent_id: holder,
      worktree_id: board.context.worktreeId,
      branch: board.context.branch,
      ttl_secs: seconds,
      acquired_at: board.iso(),
      expires_at: endless ? null : board.iso(seconds * 1_000),
      last_beat: board.iso(),
      stale: false,
    });
    return leaseFrom({ holder, token: String(seq), leaseMs, now: board.instant });
  },

  renew(board, id, proof, leaseMs) {
    const lease = proven(board, id, proof);
    const lasting =
      leaseMs ?? (lease.ttl_secs === 0 ? Infinity : Math.min(lease.ttl_secs * 1_000, longestClaimMs));
    const endless = lasting === Infinity;
    if (endless) board.add("heartbeat", lease.lease_id, { new_last_beat: board.iso() });
    else
      board.add("renew", lease.lease_id, {
        new_expires_at: board.iso(Math.ceil(lasting / 1_000) * 1_000),
        new_last_beat: board.iso(),
      });
    return leaseFrom({
      ...proof,
      leaseMs: lasting,
      now: board.instant,
      acquiredAt: lease.acquired_at,
    }) satisfies LeaseRecord;
  },

  release(board, id, proof) {
    board.add("release", proven(board, id, proof).lease_id, { released_at: board.iso() });
  },

  evict(board, id, eviction) {
    const lease = board.leaseOf(id);
    if (lease === undefined || lease.ended) return undefined;
    const record = recordOf(board, lease);
    const reason = eviction === undefined ? "expired" : `${eviction.reason} (by ${eviction.by})`;
    board.add(eviction === undefined ? "auto-evict" : "force-evict", lease.lease_id, {
      evicted_at: board.iso(),
      reason,
    });
    return record;
  },

  records(board, id) {
    if (id === undefined) return [...board.state.byIssue.values()].map((lease) => recordOf(board, lease));
    const lease = board.leaseOf(id);
    return lease === undefined ? [] : [{ ...recordOf(board, lease), taskId: id }];
  },
};

/** jit's limits of claims without an end, beside the one that gives way. Undefined where there is room. */
function tooMany({ state }: ClaimBoard, holder: string, but: KnownLease | undefined): string | undefined {
  const others = [...state.byIssue.values()].filter(
    (lease) => lease.ttl_secs === 0 && !lease.ended && lease.lease_id !== but?.lease_id,
  );
  const theirs = others.filter((lease) => lease.agent_id === holder).length;
  return theirs < endlessPerAgent && others.length < endlessPerRepository
    ? undefined
    : `${holder} holds ${theirs} claims without an end, and all agents ${others.length}: too many`;
}

/** The lease that a proof is of. @throws {StaleFencingTokenError | LeaseLostError} */
export function proven(board: ClaimBoard, id: string, { holder, token }: ClaimProof): KnownLease {
  const lease = board.leaseOf(id);
  const name = `issue ${id}`;
  const lost = (why: string): LeaseLostError =>
    new LeaseLostError(name, 0, why, undefined, `The claim of ${name}`);
  if (lease === undefined) throw lost("nobody holds it");
  if (token !== String(lease.seq)) throw new StaleFencingTokenError(name, token, String(lease.seq));
  if (lease.ended) throw lost("it was released or evicted");
  if (lease.agent_id !== holder) throw lost(`it is ${lease.agent_id}'s`);
  return lease;
}

function recordOf({ nowMs }: ClaimBoard, lease: KnownLease): ClaimRecord<string> {
  return {
    taskId: lease.issue_id,
    holder: lease.agent_id,
    token: String(lease.seq),
    acquiredAt: lease.acquired_at,
    expiresAt: lease.expires_at ?? undefined,
    state: lease.ended ? "released" : isOver(lease, nowMs) ? "expired" : "held",
  };
}
