import { TaskNotFoundError } from "../errors.ts";
import { LeaseLostError, StaleFencingTokenError, type LeaseRecord, type WaitOptions } from "@flockwork/core";
import {
  checkClaimRequest,
  checkEviction,
  checkHolder,
  checkProof,
  type Claim,
  type ClaimProof,
  type ClaimRecord,
  type ClaimRefusal,
  type ClaimRequest,
  type Claims,
  type Eviction,
} from "./claims.ts";
import type { ClaimPlace, ClaimRules } from "./claim-rules.ts";
import { HeldClaim } from "./held-claim.ts";

/** The claims of a store, by its rules. */
export class StoreClaims<Id, Board> implements Claims<Id> {
  protected readonly rules: ClaimRules<Id, Board>;
  protected readonly place: ClaimPlace<Board>;

  constructor(rules: ClaimRules<Id, Board>, place: ClaimPlace<Board>) {
    this.rules = rules;
    this.place = place;
  }

  async claim(id: Id, request: ClaimRequest): Promise<Claim<Id> | ClaimRefusal<Id>> {
    const { value } = await this.place.submit(
      (board) => this.rules.grant(board, id, request),
      this.checked(request),
    );
    return "granted" in value ? value : this.hold(id, value, request);
  }

  async claimAll(
    ids: readonly Id[],
    request: ClaimRequest,
  ): Promise<readonly Claim<Id>[] | ClaimRefusal<Id>> {
    const wait = this.checked(request);
    try {
      const { value } = await this.place.alone(
        (board) => ids.map((id) => this.#grantOrEnd(board, id, request)),
        wait,
      );
      return value.map((lease, at) => this.hold(ids[at] as Id, lease, request));
    } catch (error) {
      if (error instanceof Refused) return error.refusal as ClaimRefusal<Id>;
      throw error;
    }
  }

  async renew(
    id: Id,
    proof: ClaimProof,
    options: WaitOptions & { readonly leaseMs?: number | undefined } = {},
  ): Promise<ClaimRecord<Id>> {
    checkProof(proof);
    if (options.leaseMs !== undefined) checkClaimRequest({ holder: proof.holder, leaseMs: options.leaseMs });
    const { value } = await this.place.submit((board) => {
      this.rules.renew(board, id, proof, options.leaseMs);
      return this.rules.records(board, id)[0];
    }, waitOf(options));
    return value as ClaimRecord<Id>;
  }

  async release(id: Id, proof: ClaimProof, options: WaitOptions = {}): Promise<void> {
    checkProof(proof);
    await this.place.submit((board) => this.rules.release(board, id, proof), waitOf(options));
  }

  async sweep(options: WaitOptions = {}): Promise<readonly ClaimRecord<Id>[]> {
    return this.#endAll((record) => (record.state === "expired" ? "over" : undefined), options);
  }

  async forceRelease(
    id: Id,
    eviction: Eviction,
    options: WaitOptions = {},
  ): Promise<ClaimRecord<Id> | undefined> {
    checkEviction(eviction);
    return (await this.place.submit((board) => this.rules.evict(board, id, eviction), waitOf(options))).value;
  }

  async releaseHolder(
    holder: string,
    eviction: Eviction,
    options: WaitOptions = {},
  ): Promise<readonly ClaimRecord<Id>[]> {
    checkHolder(holder);
    checkEviction(eviction);
    return this.endWhere((record) => (record.holder === holder ? eviction : undefined), options);
  }

  endWhere(
    judge: (record: ClaimRecord<Id>) => Eviction | undefined,
    options: WaitOptions = {},
  ): Promise<readonly ClaimRecord<Id>[]> {
    return this.#endAll((record) => {
      const eviction = record.state === "released" ? undefined : judge(record);
      if (eviction !== undefined) checkEviction(eviction);
      return eviction;
    }, options);
  }

  async inspect(id: Id): Promise<ClaimRecord<Id> | undefined> {
    return (await this.place.look((board) => this.rules.records(board, id)))[0];
  }

  async list(options: { readonly expired?: boolean | undefined } = {}): Promise<readonly ClaimRecord<Id>[]> {
    const records = await this.place.look((board) => this.rules.records(board));
    return records.filter(
      ({ state }) => state === "held" || (options.expired === true && state === "expired"),
    );
  }

  /** @throws {TypeError | RangeError} naming what is wrong with a request. */
  protected checked(request: ClaimRequest): WaitOptions {
    checkClaimRequest(request);
    return waitOf(request);
  }

  protected hold(id: Id, lease: LeaseRecord, { keep = true, leaseMs }: ClaimRequest): Claim<Id> {
    const proof = { holder: lease.holder, token: lease.token };
    return new HeldClaim<Id>(id, lease, {
      keep,
      clock: this.place.clock,
      endless: leaseMs === Infinity,
      renew: async (signal) => {
        const wait = { signal, timeoutMs: lease.leaseMs };
        return (await this.place.submit((board) => this.rules.renew(board, id, proof, undefined), wait))
          .value;
      },
      giveBack: () =>
        this.release(id, proof).catch((error: unknown) => {
          if (!isOver(error)) throw error;
        }),
    });
  }

  async #endAll(
    judge: (record: ClaimRecord<Id>) => Eviction | "over" | undefined,
    options: WaitOptions,
  ): Promise<readonly ClaimRecord<Id>[]> {
    const seen = await this.place.look((board) => this.rules.records(board));
    if (seen.every((record) => judge(record) === undefined)) return [];
    const { value } = await this.place.alone(
      (board) =>
        this.rules.records(board).flatMap((record) => {
          const verdict = judge(record);
          if (verdict === undefined) return [];
          return this.rules.evict(board, record.taskId, verdict === "over" ? undefined : verdict) ?? [];
        }),
      waitOf(options),
    );
    return value;
  }

  #grantOrEnd(board: Board, id: Id, request: ClaimRequest): LeaseRecord {
    const granted = this.rules.grant(board, id, request);
    if ("granted" in granted) throw new Refused(granted);
    return granted;
  }
}

/** Whether there is nothing left to give back: the claim is lost, or its task was removed. */
function isOver(error: unknown): boolean {
  return (
    error instanceof StaleFencingTokenError ||
    error instanceof LeaseLostError ||
    error instanceof TaskNotFoundError
  );
}

/** Ends a batch: what it had granted does not remain. */
class Refused extends Error {
  readonly refusal: unknown;

  constructor(refusal: { readonly message: string }) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
