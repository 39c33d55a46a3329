/** What the claims of one kind of store are made of. */
import type { Clock, LeaseRecord, WaitOptions } from "@flockwork/core";
import type { ClaimProof, ClaimRecord, ClaimRefusal, ClaimRequest, Eviction } from "./claims.ts";

/** How one kind of store grants, renews and ends a claim, on a board: whatever it may change while nobody else can. */
export interface ClaimRules<Id, Board> {
  /** @throws {TaskNotFoundError} */
  readonly grant: (board: Board, id: Id, request: ClaimRequest) => LeaseRecord | ClaimRefusal<Id>;
  /** @throws {StaleFencingTokenError | LeaseLostError} */
  readonly renew: (board: Board, id: Id, proof: ClaimProof, leaseMs: number | undefined) => LeaseRecord;
  /** @throws {StaleFencingTokenError | LeaseLostError} */
  readonly release: (board: Board, id: Id, proof: ClaimProof) => void;
  /** Ends a claim whose holder did not. Undefined where there is none that lasts. @throws {TaskNotFoundError} */
  readonly evict: (board: Board, id: Id, eviction: Eviction | undefined) => ClaimRecord<Id> | undefined;
  /** The last claim of each task, or of one. */
  readonly records: (board: Board, id?: Id) => readonly ClaimRecord<Id>[];
}

/** Where a board is to be had. */
export interface ClaimPlace<Board> {
  readonly clock: Clock | undefined;
  /** Runs a change that throws before it has changed anything, possibly together with others. */
  submit<R>(change: (board: Board) => R, options: WaitOptions): Promise<{ readonly value: R }>;
  /** Runs a change of which nothing remains when it throws. */
  alone<R>(change: (board: Board) => R, options: WaitOptions): Promise<{ readonly value: R }>;
  /** Runs a look, without a lock where that is possible. */
  look<R>(look: (board: Board) => R): Promise<R>;
}
