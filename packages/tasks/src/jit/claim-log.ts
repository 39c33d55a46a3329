/**
 * jit's `claims.jsonl`, folded: which lease each issue has, or had last. Lines that a merge doubled count once; ids that were
 * written short stand for the issue whose id begins so.
 */

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
export function applyEntry(state: ClaimState, entry: JitClaimEntry): void {
  const { seq, op, lease_id: leaseId } = entry;
  if (Number.isSafeInteger(seq) && seq > 0) {
    for (let missing = state.lastSeq + 1; missing < seq && state.gaps.length < 1_000; missing += 1)
      if (state.lastSeq > 0) state.gaps.push(missing);
    state.lastSeq = Math.max(state.lastSeq, seq);
  }
  if (typeof leaseId !== "string") return;
  if (op === "acquire") {
    if (state.byLease.has(leaseId) || typeof entry["issue_id"] !== "string") return;
    put(state, { ...(entry as unknown as JitLease), seq, ended: false });
    return;
  }
  const known = state.byLease.get(leaseId);
  if (known === undefined) return;
  if (op === "renew" || op === "heartbeat") {
    const { new_expires_at: expires = known.expires_at, new_last_beat: beat = known.last_beat } = entry;
    if (!known.ended) put(state, { ...known, expires_at: expires as string | null, last_beat: String(beat) });
  } else put(state, { ...known, ended: true });
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
  const stale = ttl_secs === 0 && nowMs - Date.parse(last_beat) > staleThresholdSecs * 1_000;
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
