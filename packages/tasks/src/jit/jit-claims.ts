import type { Clock, WaitOptions } from "@flockwork/core";
import { TaskClaimedError, TaskNotFoundError } from "../errors.ts";
import type {
  Claim,
  ClaimProof,
  ClaimRecord,
  ClaimRefusal,
  ClaimRequest,
  Claims,
  Eviction,
} from "../claims/claims.ts";
import { checkProof } from "../claims/claims.ts";
import { refuse } from "../claims/refusal.ts";
import { checkUnder, HeldClaim } from "../claims/held-claim.ts";
import { StoreClaims } from "../claims/store-claims.ts";
import { jitClaimRules, proven, type ClaimBoard } from "./claim-board.ts";
import type { ClaimsFile } from "./claims-file.ts";
import { warn, type JitHeartbeats } from "./heartbeats.ts";
import { checkAgent, isSettledIssue, type JitIssue } from "./issue.ts";

/** Resolves an id, short or full. @throws {TaskNotFoundError} */
export type FindIssue = (id: string, attempt: string) => Promise<JitIssue>;

/** What the claims of a repository work with. */
export interface JitClaimsParts {
  readonly file: ClaimsFile;
  readonly find: FindIssue;
  readonly clock: Clock | undefined;
  readonly heartbeats: JitHeartbeats;
}

/**
 * Claims of issues, in jit's log and under jit's lock, shared by all worktrees of a repository. The fencing token is the number
 * of the line that acquired the lease.
 */
export class JitClaims implements Claims<string> {
  readonly #file: ClaimsFile;
  readonly #find: FindIssue;
  readonly #heartbeats: JitHeartbeats;
  readonly #claims: StoreClaims<string, ClaimBoard>;

  constructor({ file, find, clock, heartbeats }: JitClaimsParts) {
    this.#file = file;
    this.#find = find;
    this.#heartbeats = heartbeats;
    this.#claims = new StoreClaims(jitClaimRules, {
      clock,
      submit: (work, wait) => file.change(work, wait),
      alone: (work, wait) => file.change(work, wait),
      look: async (look) => look(await file.board()),
    });
  }

  async claim(id: string, request: ClaimRequest): Promise<Claim<string> | ClaimRefusal<string>> {
    const issue = await this.#claimable(id, request);
    if ("granted" in issue) return issue;
    const claim = await this.#claims.claim(issue.id, request);
    if (claim.granted) await this.#keepBeating([claim], request);
    return claim;
  }

  async claimAll(
    ids: readonly string[],
    request: ClaimRequest,
  ): Promise<readonly Claim<string>[] | ClaimRefusal<string>> {
    const full: string[] = [];
    for (const id of ids) {
      const issue = await this.#claimable(id, request);
      if ("granted" in issue) return issue;
      full.push(issue.id);
    }
    const claims = await this.#claims.claimAll(full, request);
    if (!("granted" in claims)) await this.#keepBeating(claims, request);
    return claims;
  }

  async renew(
    id: string,
    proof: ClaimProof,
    options?: WaitOptions & { readonly leaseMs?: number | undefined },
  ): Promise<ClaimRecord<string>> {
    return this.#claims.renew(await this.#full(id, "renew the claim of"), proof, options);
  }

  async release(id: string, proof: ClaimProof, options?: WaitOptions): Promise<void> {
    return this.#claims.release(await this.#full(id, "release"), proof, options);
  }

  sweep(options?: WaitOptions): Promise<readonly ClaimRecord<string>[]> {
    return this.#claims.sweep(options);
  }

  async forceRelease(
    id: string,
    eviction: Eviction,
    options?: WaitOptions,
  ): Promise<ClaimRecord<string> | undefined> {
    return this.#claims.forceRelease(await this.#full(id, "release"), eviction, options);
  }

  releaseHolder(
    holder: string,
    eviction: Eviction,
    options?: WaitOptions,
  ): Promise<readonly ClaimRecord<string>[]> {
    return this.#claims.releaseHolder(holder, eviction, options);
  }

  endWhere(
    judge: (record: ClaimRecord<string>) => Eviction | undefined,
    options?: WaitOptions,
  ): Promise<readonly ClaimRecord<string>[]> {
    return this.#claims.endWhere(judge, options);
  }

  async inspect(id: string): Promise<ClaimRecord<string> | undefined> {
    return this.#claims.inspect(await this.#full(id, "inspect the claim of"));
  }

  list(options?: { readonly expired?: boolean | undefined }): Promise<readonly ClaimRecord<string>[]> {
    return this.#claims.list(options);
  }

  /**
   * Runs a change of an issue that its claim allows, or that nobody's forbids: under jit's shared lock of the claims, so that
   * nobody is granted the issue meanwhile.
   * @throws {StaleFencingTokenError | LeaseLostError | TaskClaimedError} the work did not run.
   */
  async guard<R>(
    id: string,
    {
      claim,
      force = false,
    }: { readonly claim?: ClaimProof | undefined; readonly force?: boolean | undefined },
    work: () => Promise<R>,
    wait: WaitOptions,
  ): Promise<R> {
    if (claim !== undefined) checkProof(claim);
    else if (force) return work();
    return this.#file.whileUnchanged((board) => {
      checkClaim(board, id, claim);
      return work();
    }, wait);
  }

  async #claimable(id: string, request: ClaimRequest): Promise<JitIssue | ClaimRefusal<string>> {
    checkAgent("holder", request.holder);
    const issue = await this.#find(id, "claim");
    return isSettledIssue(issue)
      ? refuse(issue.id, "state", { why: `issue ${issue.id} is ${issue.state}: there is nothing to claim` })
      : issue;
  }

  async #full(id: string, attempt: string): Promise<string> {
    try {
      return (await this.#find(id, attempt)).id;
    } catch (error) {
      const isGone = error instanceof TaskNotFoundError;
      if (!isGone || jitClaimRules.records(await this.#file.board(), id).length === 0) throw error;
      return id; // the issue was deleted: its claim is there, to be ended
    }
  }

  /** A claim that is kept is renewed while its process lives; jit's own programs see that it does by its heartbeat. */
  async #keepBeating(claims: readonly Claim<string>[], { holder, keep = true }: ClaimRequest): Promise<void> {
    if (!keep) return;
    for (const claim of claims) {
      if (!(claim instanceof HeldClaim)) continue;
      try {
        const heartbeat = await this.#heartbeats.keep(holder);
        claim.whenOver(() => heartbeat.stop());
      } catch (error) {
        warn(holder, error);
      }
    }
  }
}

/** @throws {StaleFencingTokenError | LeaseLostError | TaskClaimedError} */
function checkClaim(board: ClaimBoard, id: string, claim: ClaimProof | undefined): void {
  if (claim !== undefined) {
    claim.assertHeld?.();
    checkUnder(claim, () => void proven(board, id, claim));
    return;
  }
  const [record] = jitClaimRules.records(board, id);
  if (record?.state === "held") throw new TaskClaimedError(id, record.holder, record.expiresAt);
}
