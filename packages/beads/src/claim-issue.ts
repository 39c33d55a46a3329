import {
  checkLease,
  grantLease,
  hasNextFencingToken,
  isLeaseRecord,
  LeaseLostError,
  leaseState,
  releaseLease,
  renewLease,
  StaleFencingTokenError,
  UnsupportedError,
  type Fence,
  type LeaseRecord,
} from "@flockwork/core";
import { changeIssue, existing } from "./change-issue.ts";
import { checkObject } from "./check-questions.ts";
import { AlreadyClaimedError, NotClaimableError } from "./errors.ts";
import { isTombstone } from "./issue-status.ts";
import type { Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";
import type { ReadyOptions } from "./ready-issues.ts";

type Now = Parameters<typeof renewLease>[2];

/** How an issue is claimed. */
export interface ClaimRequest {
  /** Who claims it: becomes the assignee. Two programs that must not both work on it need two names. */
  readonly actor: string;
  /** Milliseconds the claim lasts unless it is renewed. Undefined: for ever, as bd's claims do. */
  readonly leaseMs?: number | undefined;
  /** Milliseconds after its end in which only the actor may have it again. Default: a tenth of `leaseMs`. */
  readonly graceMs?: number | undefined;
}

/** What the names of the leases of claims begin with. */
export const leasePrefix = "bead:";

/** The name of the lease of a claim, in fences and messages. */
export function leaseNameOf(id: string): string {
  return `${leasePrefix}${id}`;
}

/**
 * Claims an issue: from `open`, assigned to nobody or to the actor, to `in_progress`. What the actor has claimed already is
 * granted again, with a new token: an earlier run under the same name is fenced out. So is a claim whose lease is over.
 *
 * @throws {AlreadyClaimedError} it is somebody else's. {@link NotClaimableError} it is neither open nor claimed.
 */
export function claimIssue(
  draft: IssuesDraft,
  id: string,
  request: ClaimRequest,
  nowMs: number,
  now: Now,
): Issue {
  const { actor, leaseMs } = request;
  const issue = existing(draft, id, "claim");
  const previous = leaseOf(issue);
  checkClaimable(issue, actor, canBeTakenOver(issue, now));
  const startedAt = issue.started_at ?? new Date(nowMs).toISOString();
  const claim = { status: "in_progress", assignee: actor, started_at: startedAt };
  if (leaseMs === undefined) {
    // Without a lease, what is left of an earlier one is ended, so that its holder is fenced out; its token is kept.
    const ended = previous && endedAt(previous, nowMs);
    return changeIssue(draft, id, { ...claim, ...(ended && { flockwork_lease: ended }) }, nowMs, "claim");
  }
  const lease = grantLease(previous && endedAt(previous, nowMs), {
    holder: actor,
    leaseMs,
    graceMs: request.graceMs,
    now,
    name: leaseNameOf(id),
  });
  return changeIssue(draft, id, { ...claim, flockwork_lease: lease }, nowMs, "claim");
}

/** @throws {TypeError} naming what is wrong. */
export function checkRequest(request: ClaimRequest): void {
  checkObject("request", request);
  if (typeof request.actor !== "string" || request.actor === "")
    throw new TypeError("actor must be a non-empty string");
}

function checkClaimable(issue: Issue, actor: string, isFree: boolean): void {
  const { id, status = "open", assignee = "" } = issue;
  const lease = leaseOf(issue);
  if (status !== "open" && status !== "in_progress") throw new NotClaimableError(id, status);
  if (assignee === actor) return;
  if (status === "open" ? assignee === "" : isFree) return;
  if (assignee === "") throw new NotClaimableError(id, status); // somebody works on it, and nobody says who
  throw new AlreadyClaimedError(id, assignee, lease?.releasedAt === undefined ? lease?.expiresAt : undefined);
}

/**
 * Whether the claim under which an issue is worked on has ended by itself. A lease that was given back, or that was somebody else's
 * than the assignee's, says nothing about it: who has it now has it without a lease.
 */
export function canBeTakenOver(issue: Issue, now: Now): boolean {
  const { status, assignee } = issue;
  const lease = leaseOf(issue);
  if (status !== "in_progress" || lease === undefined || lease.holder !== assignee) return false;
  return leaseState(lease, now) === "expired";
}

/** The first ready issue that the actor may have. By default open ones, and those whose claim has ended by itself. */
export function firstClaimable(
  draft: IssuesDraft,
  actor: string,
  options: ReadyOptions,
  now: Now,
): Issue | undefined {
  const { status } = options;
  const anyOf = { ...options, status: status ?? ["open", "in_progress"], limit: undefined };
  const ready = draft.ready(anyOf);
  return ready.find((issue) => {
    const { assignee = "" } = issue;
    if (!hasNextFencingToken(leaseOf(issue)?.token)) return false; // to claim it says why
    if (canBeTakenOver(issue, now)) return true;
    return (
      (status !== undefined || issue.status !== "in_progress") && (assignee === "" || assignee === actor)
    );
  });
}

/** Lets a claim last from now on as long as it lasts. @throws {StaleFencingTokenError | LeaseLostError} */
export function renewClaim(draft: IssuesDraft, id: string, token: string, nowMs: number, now: Now): Issue {
  const lease = leaseOf(existing(draft, id, "renew the claim of"));
  const renewed = renewLease(lease, token, now, leaseNameOf(id));
  return changeIssue(draft, id, { flockwork_lease: renewed }, nowMs, "renew the claim of");
}

/**
 * Gives a claim back: the issue is open and nobody's again, unless it was closed meanwhile. The token stays.
 * @throws {StaleFencingTokenError | LeaseLostError} it was not the caller's any more; {@link AlreadyClaimedError} without a lease.
 */
export function releaseClaim(
  draft: IssuesDraft,
  id: string,
  by: { readonly actor: string; readonly token: string | undefined },
  nowMs: number,
  now: Now,
): Issue {
  const issue = existing(draft, id, "release");
  const { assignee } = issue;
  const lease = leaseOf(issue);
  if (by.token === undefined && assignee !== by.actor)
    throw new AlreadyClaimedError(id, assignee, lease?.expiresAt);
  const released = by.token === undefined ? undefined : releaseLease(lease, by.token, now, leaseNameOf(id));
  const back = issue.status === "in_progress" ? { status: "open", assignee: null, started_at: null } : {};
  return changeIssue(
    draft,
    id,
    { ...back, ...(released && { flockwork_lease: released }) },
    nowMs,
    "release",
  );
}

/** Whether a fence is that of a claim: those are checked against the issue itself, any other one by the store. */
export function isClaimFence(fence: Fence | undefined): fence is Fence {
  return fence?.name.startsWith(leasePrefix) === true;
}

/** The fence of a write to another file than that of the issues. @throws {UnsupportedError} it is that of a claim. Nothing was written. */
export function storeFence(fence: Fence | undefined, file: string): Fence | undefined {
  if (isClaimFence(fence))
    throw new UnsupportedError(
      `The fence of a claim on a write of ${file}`,
      "only a write of issues checks it",
    );
  return fence;
}

/**
 * Checks the fence of a write, where it is that of a claim, whichever issues are written.
 * @throws {StaleFencingTokenError | LeaseLostError} the claim is not the caller's any more. Nothing is changed.
 */
export function checkClaim(issues: Pick<IssuesDraft, "get">, fence: Fence | undefined): void {
  if (!isClaimFence(fence)) return;
  fence.assertHeld?.();
  const issue = issues.get(fence.name.slice(leasePrefix.length));
  const isThere = issue !== undefined && !isTombstone(issue);
  const lease = isThere ? leaseOf(issue) : undefined;
  // A tool that does not know the field may have dropped it: the claim is then as good as its own clock says.
  if (isThere && lease === undefined) return;
  try {
    checkLease(lease, fence.token, fence.name);
  } catch (error) {
    if (error instanceof StaleFencingTokenError || error instanceof LeaseLostError) fence.lose?.(error);
    throw error;
  }
}

/** The lease of a claim; what is no lease is none: another program may have left anything there. */
export function leaseOf({ flockwork_lease: lease }: Issue): LeaseRecord | undefined {
  return isLeaseRecord(lease) ? lease : undefined;
}

function endedAt(lease: LeaseRecord, nowMs: number): LeaseRecord {
  return { ...lease, releasedAt: lease.releasedAt ?? new Date(nowMs).toISOString() };
}
