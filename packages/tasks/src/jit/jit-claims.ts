import {
  instantOf,
  type Clock,
  type Store,
  type StoreDocument,
  type StoreLock,
  type StoreLog,
  type StoreLogSink,
  type WaitOptions,
} from "@flockwork/core";
import { TaskClaimedError } from "../errors.ts";
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
import { HeldClaim } from "../claims/held-claim.ts";
import { StoreClaims } from "../claims/store-claims.ts";
import { ClaimBoard, jitClaimRules, proven, type ClaimContext } from "./claim-board.ts";
import { applyEntry, emptyState, indexOfClaims, type ClaimState, type JitClaimEntry } from "./claim-log.ts";
import type { ClaimsMeta } from "./claims-meta.ts";
import { jitLayout, jitTimeoutMs } from "./files.ts";
import { warn, type JitHeartbeats } from "./heartbeats.ts";
import { checkAgent, isSettledIssue, type JitIssue } from "./issue.ts";

/** Resolves an id, short or full. @throws {TaskNotFoundError} */
export type FindIssue = (id: string, attempt: string) => Promise<JitIssue>;

/** What the claims of a repository work with. */
export interface JitClaimsParts {
  readonly find: FindIssue;
  readonly clock: Clock | undefined;
  readonly context: () => Promise<ClaimContext>;
  readonly heartbeats: JitHeartbeats;
  readonly meta: ClaimsMeta;
}

/**
 * Claims of issues, in jit's log and under jit's lock, shared by all worktrees of a repository. The fencing token is the number
 * of the line that acquired the lease.
 */
export class JitClaims implements Claims<string> {
  readonly #log: StoreLog<JitClaimEntry>;
  readonly #index: StoreDocument<Readonly<Record<string, unknown>>>;
  readonly #lock: StoreLock;
  readonly #store: Store;
  readonly #find: FindIssue;
  readonly #clock: Clock | undefined;
  readonly #context: () => Promise<ClaimContext>;
  readonly #heartbeats: JitHeartbeats;
  readonly #meta: ClaimsMeta;
  readonly #claims: StoreClaims<string, ClaimBoard>;
  readonly #state: ClaimState = emptyState();
  readonly #cursor: ReturnType<StoreLog<JitClaimEntry>["cursor"]>;
  readonly #sink: StoreLogSink<JitClaimEntry>;

  constructor(store: Store, { find, clock, context, heartbeats, meta }: JitClaimsParts) {
    this.#store = store;
    this.#find = find;
    this.#clock = clock;
    this.#context = context;
    this.#heartbeats = heartbeats;
    this.#meta = meta;
    this.#log = store.log<JitClaimEntry>({ name: "claims.jsonl", layout: jitLayout, onCorrupt: "skip" });
    this.#index = store.document<Readonly<Record<string, unknown>>>({
      name: "claims.index.json",
      layout: jitLayout,
      defaults: () => ({}),
      merge: "overwrite",
    });
    this.#lock = store.lock("claims.jsonl", { layout: jitLayout });
    this.#cursor = this.#log.cursor();
    this.#sink = {
      apply: (entry) => applyEntry(this.#state, entry),
      reset: () => Object.assign(this.#state, emptyState()),
    };
    const change = <R>(work: (board: ClaimBoard) => R, wait: WaitOptions): Promise<{ readonly value: R }> =>
      this.#change(work, wait);
    this.#claims = new StoreClaims(jitClaimRules, {
      clock,
      submit: change,
      alone: change,
      look: async (look) => look(await this.#board()),
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
   * Runs a change of an issue that its claim allows. With a proof it runs under jit's shared lock of the claims: nobody else
   * can be granted the issue meanwhile.
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
    if (claim !== undefined) {
      checkProof(claim);
      return this.#lock.withRead(async () => {
        await this.#meta.clear();
        claim.assertHeld?.();
        proven(await this.#board(), id, claim);
        return work();
      }, wait);
    }
    const [record] = force ? [] : jitClaimRules.records(await this.#board(), id);
    if (record?.state === "held") throw new TaskClaimedError(id, record.holder, record.expiresAt);
    return work();
  }

  async #claimable(id: string, request: ClaimRequest): Promise<JitIssue | ClaimRefusal<string>> {
    checkAgent("holder", request.holder);
    const issue = await this.#find(id, "claim");
    return isSettledIssue(issue)
      ? refuse(issue.id, "state", { why: `issue ${issue.id} is ${issue.state}: there is nothing to claim` })
      : issue;
  }

  async #full(id: string, attempt: string): Promise<string> {
    return (await this.#find(id, attempt)).id;
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

  async #board(): Promise<ClaimBoard> {
    const context = await this.#context();
    await this.#cursor.advance(this.#sink);
    return new ClaimBoard(this.#state, instantOf(this.#clock), context);
  }

  async #change<R>(
    work: (board: ClaimBoard) => R,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<{ readonly value: R }> {
    const context = await this.#context();
    let meta: string | undefined;
    try {
      const { value } = await this.#store.transact(
        { log: this.#log, index: this.#index },
        async ({ log, index }) => {
          meta = await this.#meta.begin();
          await log.advance(this.#cursor, this.#sink);
          const board = new ClaimBoard(this.#state, instantOf(this.#clock), context);
          const result = work(board);
          if (board.added.length > 0) {
            log.append(...board.added);
            index.replace(indexOfClaims(board.state, board.nowMs));
          }
          return result;
        },
        { timeoutMs: timeoutMs ?? jitTimeoutMs(), signal },
      );
      return { value };
    } finally {
      if (meta !== undefined) await this.#meta.end(meta);
    }
  }
}
