import { isFencingToken, nextFencingToken } from "@flockwork/core";
import { FencingTokensSpentError } from "../errors.ts";
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
    const token = nextToken(decisions);
    if (entry === undefined || token === undefined) break;
    decisions.addEvent({
      type: "claimed",
      at: time.at,
      job: entry.id,
      token,
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
 * @throws {FencingTokensSpentError} no token can be higher than the highest there is; one that nobody can read would let two have
 * the same job.
 */
export function checkTokens(decisions: Decisions, directory: string): void {
  const { lastToken } = decisions.state;
  if (lastToken !== undefined && nextToken(decisions) === undefined)
    throw new FencingTokensSpentError(directory, lastToken);
}

/** Undefined when there can be no higher one. */
function nextToken({ state, time }: Decisions): string | undefined {
  const token = nextFencingToken(state.lastToken, time.wallMs);
  return isFencingToken(token) ? token : undefined;
}
