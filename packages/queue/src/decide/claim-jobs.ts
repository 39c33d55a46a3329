import { hasNextFencingToken, nextFencingToken } from "@flockwork/core";
import type { Entry } from "../state/entry.ts";
import type { Decisions } from "./decision.ts";

/** What a claim asks for. */
export interface ClaimRequest {
  readonly holder: string;
  readonly limit: number;
  readonly leaseMs: number;
  readonly capabilities: ReadonlySet<string>;
}

/** Claims the next jobs, in order, as far as limits allow. None when nothing may be claimed. */
export function claimJobs(decisions: Decisions, request: ClaimRequest): readonly Entry[] {
  const { state, time } = decisions;
  const claimed: Entry[] = [];
  while (claimed.length < request.limit && state.closedBy() === undefined) {
    const entry = state.ready.best(request.capabilities);
    if (entry === undefined || !hasNextFencingToken(state.lastToken)) break;
    decisions.addEvent({
      type: "claimed",
      at: time.at,
      job: entry.id,
      token: nextFencingToken(state.lastToken, time.wallMs),
      by: request.holder,
      leaseMs: request.leaseMs,
      up: time.upMs,
    });
    claimed.push(entry);
  }
  return claimed;
}

/**
 * Call it before anything is added for a claim.
 * @throws {UnsupportedError} no token can be higher than the highest there is; one that nobody can read would let two have the
 * same job.
 */
export function checkTokens({ state, time }: Decisions, directory: string): void {
  nextFencingToken(state.lastToken, time.wallMs, undefined, `a claim of ${directory}`);
}
