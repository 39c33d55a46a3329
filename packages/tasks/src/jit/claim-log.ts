/**
 * jit's `claims.jsonl`, folded: which lease each issue has, or had last. Lines that a merge doubled count once; ids that were
 * written short stand for the issue whose id begins so.
 */

import { isObject } from "./files.ts";

/** A lease, as jit writes it. */
export interface JitLease {
  readonly lease_id: string;
  /** The full id. */
  readonly issue_id: string;
  /** `type:id`. */
  readonly agent_id: string;
  readonly worktree_id: string;
  readonly branch: string | null;
  /** Seconds; 0 means until released. */
  readonly ttl_secs: number;
  readonly acquired_at: string;
  readonly expires_at: string | null;
  readonly last_beat: string;
  readonly stale: boolean;
}

/** A line of the log. */
export interface JitClaimEntry {
  readonly schema_version: number;
  readonly seq: number;
  readonly timestamp: string;
  readonly op: string;
  readonly lease_id: string;
  readonly [field: string]: unknown;
}

/** A lease, and what the log says of it. */
export interface KnownLease extends JitLease {
  /** The number of the line that acquired it: its fencing token, for numbers only grow. */
  readonly seq: number;
  /** It was released or evicted. */
  readonly ended: boolean;
}

export interface ClaimState {
  lastSeq: number;
  readonly gaps: number[];
  readonly byLease: Map<string, KnownLease>;
  /** The last lease of each issue. */
  readonly byIssue: Map<string, KnownLease>;
}

export function emptyState(): ClaimState {
  return { lastSeq: 0, gaps: [], byLease: new Map(), byIssue: new Map() };
}

export function copyState(state: ClaimState): ClaimState {
  const { lastSeq, gaps, byLease, byIssue } = state;
  return { lastSeq, gaps: [...gaps], byLease: new Map(byLease), byIssue: new Map(byIssue) };
}

/** Takes in one line. One that makes no sense is passed over: the log belongs to other programs too. */
export function applyEntry(state: ClaimState, line: unknown): void {
  if (!isObject(line)) return;
  const { seq, op, lease_id: leaseId } = line;
  if (!isSeq(seq)) return;
  noteSeq(state, seq);
  if (typeof leaseId !== "string") return;
  const known = state.byLease.get(leaseId);
  if (op === "acquire") {
    if (known === undefined && isLease(line)) put(state, { ...line, seq, ended: false });
  } else if (known === undefined || known.ended) return;
  else if (op === "renew" || op === "heartbeat") {
    const { new_expires_at: end, new_last_beat: beat } = line;
    const { expires_at, last_beat } = known;
    put(state, {
      ...known,
      expires_at: end === null || isInstant(end) ? end : expires_at,
      last_beat: isInstant(beat) ? beat : last_beat,
    });
  } else if (ends.some((each) => each === op)) put(state, { ...known, ended: true });
}

const ends = ["release", "auto-evict", "force-evict"];

/** The next one must be a number that JSON keeps exactly, too. */
export function isSeq(seq: unknown): seq is number {
  return Number.isSafeInteger(seq) && Number(seq) > 0 && Number(seq) < Number.MAX_SAFE_INTEGER - 1_000_000;
}

const mostGaps = 1_000;

function noteSeq(state: ClaimState, seq: number): void {
  const { lastSeq, gaps } = state;
  if (lastSeq > 0)
    for (let missing = lastSeq + 1; missing < seq && gaps.length < mostGaps; missing += 1) gaps.push(missing);
  state.lastSeq = Math.max(lastSeq, seq);
}

/** Whether a line has of a lease what tells who holds what, and until when. */
function isLease(
  line: Readonly<Record<string, unknown>>,
): line is Readonly<Record<string, unknown>> & JitLease {
  const {
    lease_id: lease,
    issue_id: issue,
    agent_id: agent,
    ttl_secs: ttl,
    acquired_at: from,
    expires_at: end,
  } = line;
  return (
    [lease, issue, agent].every((each) => typeof each === "string" && each !== "") &&
    isSpan(ttl) &&
    isInstant(from) &&
    (end === null || isInstant(end))
  );
}

/** The longest span between two instants, one of which is 1970. */
const longestSpanSecs = 8_640_000_000_000;

function isSpan(secs: unknown): boolean {
  return typeof secs === "number" && secs >= 0 && secs <= longestSpanSecs;
}

function isInstant(value: unknown): value is string {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

/** Whether a lease lasts. jit's own rule: it is over once the time is past its end. */
export function isOver({ ended, ttl_secs: ttl, expires_at: end }: KnownLease, nowMs: number): boolean {
  return ended || (ttl > 0 && end !== null && nowMs > Date.parse(end));
}

/** jit keeps a lease without an end whose agent is silent, and calls it stale. */
export const staleThresholdSecs = 3_600;

/** `claims.index.json`: what lasts, for those who do not read the log. */
export function indexOfClaims(state: ClaimState, nowMs: number): Readonly<Record<string, unknown>> {
  const leases = [...state.byIssue.values()].filter((lease) => !isOver(lease, nowMs));
  return {
    schema_version: 1,
    generated_at: new Date(nowMs).toISOString(),
    last_seq: state.lastSeq,
    stale_threshold_secs: staleThresholdSecs,
    leases: leases.map((lease) => plainLease(lease, nowMs)),
    sequence_gaps: state.gaps,
  };
}

function plainLease(lease: KnownLease, nowMs: number): JitLease {
  const { lease_id, issue_id, agent_id, worktree_id, branch, ttl_secs, acquired_at, expires_at, last_beat } =
    lease;
  const isSilent = isInstant(last_beat) && nowMs - Date.parse(last_beat) > staleThresholdSecs * 1_000;
  const stale = ttl_secs === 0 && isSilent;
  return {
    lease_id,
    issue_id,
    agent_id,
    worktree_id,
    branch,
    ttl_secs,
    acquired_at,
    expires_at,
    last_beat,
    stale,
  };
}

function put(state: ClaimState, lease: KnownLease): void {
  state.byLease.set(lease.lease_id, lease);
  const current = state.byIssue.get(lease.issue_id);
  if (current === undefined || current.lease_id === lease.lease_id || current.seq < lease.seq)
    state.byIssue.set(lease.issue_id, lease);
}
