import type { DeathReason, JobFailure, QueueEvent } from "../event.ts";
import { StaleClaimError } from "../errors.ts";
import { backoffMs } from "../job-line.ts";
import type { Entry } from "../state/entry.ts";
import type { Decisions } from "./decision.ts";

/** The claim a settlement is made under. */
export interface ClaimProof {
  readonly jobId: string;
  readonly token: string;
}

/**
 * The job of a claim, which must be its present one.
 * @throws {StaleClaimError} it is not; nothing was added.
 */
export function checkClaim({ state }: Decisions, { jobId, token }: ClaimProof, attempt: string): Entry {
  const entry = state.jobs.get(jobId);
  if (entry?.state === "claimed" && entry.token === token) return entry;
  const current = entry?.token ?? state.lastToken ?? token;
  throw new StaleClaimError(jobId, token, current, attempt, whyOver(entry, token));
}

export function extend(decisions: Decisions, claim: ClaimProof, leaseMs: number): void {
  checkClaim(decisions, claim, "extend the claim of");
  const { at, upMs: up } = decisions.time;
  decisions.addEvent({ type: "extended", at, ...ofClaim(claim), leaseMs, up });
}

export function complete(decisions: Decisions, claim: ClaimProof, result: unknown): void {
  checkClaim(decisions, claim, "complete");
  decisions.addEvent(completedEvent(decisions.time.at, claim, result));
}

export function completedEvent(at: string, claim: ClaimProof, result: unknown): QueueEvent {
  return { type: "completed", at, ...ofClaim(claim), ...(result !== undefined && { result }) };
}

/** How an attempt failed, and what is to happen next where the job's own backoff is not to decide. */
export interface Failure {
  readonly error: JobFailure;
  readonly retryAt?: string | undefined;
  readonly dead?: DeathReason | undefined;
}

export function fail(decisions: Decisions, claim: ClaimProof, failure: Failure, random: () => number): void {
  const entry = checkClaim(decisions, claim, "fail");
  const { at, wallMs } = decisions.time;
  const dead = failure.dead ?? (entry.attempts >= entry.maxAttempts ? "attempts" : undefined);
  const restMs = backoffMs(entry.line.backoff, entry.failures + 1, random);
  const next =
    dead !== undefined ? { dead } : { retryAt: failure.retryAt ?? new Date(wallMs + restMs).toISOString() };
  decisions.addEvent({ type: "failed", at, ...ofClaim(claim), error: failure.error, ...next });
}

export function release(decisions: Decisions, claim: ClaimProof, delayMs: number): void {
  checkClaim(decisions, claim, "release");
  const { at, wallMs } = decisions.time;
  const later = delayMs > 0 ? { retryAt: new Date(wallMs + delayMs).toISOString() } : {};
  decisions.addEvent({ type: "released", at, ...ofClaim(claim), ...later });
}

export function progress(decisions: Decisions, claim: ClaimProof, value: unknown): void {
  checkClaim(decisions, claim, "report progress of");
  decisions.addEvent({ type: "progressed", at: decisions.time.at, ...ofClaim(claim), progress: value });
}

export function log(decisions: Decisions, claim: ClaimProof, message: string): void {
  checkClaim(decisions, claim, "log a line of");
  decisions.addEvent({ type: "logged", at: decisions.time.at, ...ofClaim(claim), message });
}

function ofClaim({ jobId, token }: ClaimProof): { readonly job: string; readonly token: string } {
  return { job: jobId, token };
}

function whyOver(entry: Entry | undefined, token: string): string {
  if (entry === undefined) return "and the job is no longer in the queue";
  if (entry.token !== token) return `${String(entry.token)} was granted since, and the job is ${entry.state}`;
  return `the job was taken from it and is ${entry.state}`;
}
