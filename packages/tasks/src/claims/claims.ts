/**
 * One way to claim work, over FlowForge's tasks, exarp's database and jit's issues: claim, renew, release, sweep.
 *
 * A claim is a lease: it ends by itself, unless it is renewed. Each has a fencing token, higher than that of every claim of
 * the same task before it. Changes of a task that somebody else holds are refused, and so are changes with the token of a
 * claim that is over, atomically with the write.
 */
import type { WaitOptions } from "@flockwork/core";

/** What shows that a change is made under a claim: a {@link Claim}, or the facts of one that another process made. */
export interface ClaimProof {
  readonly holder: string;
  /** The fencing token: a decimal string. */
  readonly token: string;
  /** Throws when the claim is known to be lost, by this process's own clock. A {@link Claim} has it. */
  assertHeld?(): void;
}

/** How a task is claimed. */
export interface ClaimRequest extends WaitOptions {
  /** Who asks. Two programs, or two runs of one, that must not both hold a task need two names. jit's are `type:id`. */
  readonly holder: string;
  /**
   * Milliseconds the claim and each renewal lasts. Default 1 800 000 (30 minutes); jit's 600 000. More than 0, at most a hundred
   * years; `Infinity`, which FlowForge's tasks do not have, until it is released.
   */
  readonly leaseMs?: number | undefined;
  /** Renew in the background, until it is released or lost. Default true. False for a process that ends before the work. */
  readonly keep?: boolean | undefined;
  /** Let the holder claim anew what it holds already. Its former token is stale then. Default false. */
  readonly again?: boolean | undefined;
}

/** A task that this process holds. */
export interface Claim<Id> extends ClaimProof, AsyncDisposable {
  readonly granted: true;
  readonly taskId: Id;
  /** ISO 8601; undefined for a claim without an end. */
  readonly expiresAt: string | undefined;
  /** Aborts when the claim is lost, no later than it ends for others. Never on release. */
  readonly signal: AbortSignal;
  /** Whether it is still ours, by this process's monotonic clock. */
  readonly held: boolean;
  /** Call it before each act that needs the claim. @throws {LeaseLostError | StaleFencingTokenError} stop. */
  assertHeld(): void;
  /** Renews at once, beside the renewals that come by themselves. Throws as `assertHeld`, or as a change of the task. */
  renew(): Promise<void>;
  /** Gives the task back. Idempotent. A claim that is lost already, or whose task was removed, is left alone. */
  release(): Promise<void>;
}

/** Why a task was not granted. Contention is a value; only failures are errors. */
export interface ClaimRefusal<Id> {
  readonly granted: false;
  readonly taskId: Id;
  /** `claimed`: somebody holds it. `state`: it is done, or not to be worked on. `limit`: the holder, or all, hold too many. */
  readonly reason: "claimed" | "state" | "limit";
  /** Who holds it. Undefined where nobody does. */
  readonly heldBy: string | undefined;
  /** Until when, ISO 8601. */
  readonly until: string | undefined;
  /** The same, in words. */
  readonly message: string;
}

/** A claim as others see it. */
export interface ClaimRecord<Id> {
  readonly taskId: Id;
  readonly holder: string;
  /** `"0"` where a neighbour's tool made the claim and the format knows no token. */
  readonly token: string;
  /** ISO 8601, as all instants here. */
  readonly acquiredAt: string;
  readonly expiresAt: string | undefined;
  readonly state: "held" | "expired" | "released";
}

/** Who took a claim away from its holder, and why. It is written down where the store keeps such things. */
export interface Eviction {
  readonly by: string;
  readonly reason: string;
}

/** The claims of one store. */
export interface Claims<Id> {
  /**
   * Claims a task, if it can be had now.
   * @throws {TaskNotFoundError} `ERR_TASK_NOT_FOUND`. {@link RangeError} `leaseMs` is no duration. Or as a change of the store.
   */
  claim(id: Id, request: ClaimRequest): Promise<Claim<Id> | ClaimRefusal<Id>>;
  /**
   * Claims all of several tasks, or none.
   * @returns The claims in the order of `ids`; or the refusal of the first that could not be had.
   */
  claimAll(ids: readonly Id[], request: ClaimRequest): Promise<readonly Claim<Id>[] | ClaimRefusal<Id>>;
  /**
   * Lets a claim last from now for as long as it lasts. For processes that hold no {@link Claim}, only its facts.
   * @throws {StaleFencingTokenError} `ERR_STALE_FENCING_TOKEN`; {@link LeaseLostError} `ERR_LEASE_LOST`. Nothing was changed.
   */
  renew(
    id: Id,
    proof: ClaimProof,
    options?: WaitOptions & { readonly leaseMs?: number | undefined },
  ): Promise<ClaimRecord<Id>>;
  /** Gives a task back. Throws as `renew`: only its holder may. */
  release(id: Id, proof: ClaimProof, options?: WaitOptions): Promise<void>;
  /** Ends the claims whose time is over, so that their tasks can be claimed and are shown as free. Returns them. */
  sweep(options?: WaitOptions): Promise<readonly ClaimRecord<Id>[]>;
  /** Takes a claim from its holder, whose token is stale from then on. Audited. Undefined where nobody held the task. */
  forceRelease(id: Id, eviction: Eviction, options?: WaitOptions): Promise<ClaimRecord<Id> | undefined>;
  /**
   * Ends every claim of a holder that is known to be dead. Audited as `forceRelease` is. In the `onDeath` hook of a registry
   * give `releaseOnDeath()` of the store instead: its work runs inside a commit, where this would be a second one.
   */
  releaseHolder(
    holder: string,
    eviction: Eviction,
    options?: WaitOptions,
  ): Promise<readonly ClaimRecord<Id>[]>;
  /**
   * Ends the claims that `judge` has something against, asked under the lock: a claim that was renewed meanwhile is judged as it
   * is then. Audited.
   */
  endWhere(
    judge: (record: ClaimRecord<Id>) => Eviction | undefined,
    options?: WaitOptions,
  ): Promise<readonly ClaimRecord<Id>[]>;
  /** The claim of a task: the last one, over or not. Undefined where it never was claimed. */
  inspect(id: Id): Promise<ClaimRecord<Id> | undefined>;
  /** The claims that are held now; with `expired: true` also those that are over and were not swept yet. */
  list(options?: { readonly expired?: boolean | undefined }): Promise<readonly ClaimRecord<Id>[]>;
}

/** Milliseconds a claim lasts where nothing else is said. */
export const defaultClaimMs: number = 30 * 60 * 1_000;

/** A hundred years: the longest that a claim with an end lasts, and what a claim without one counts for. */
export const longestClaimMs: number = 100 * 365 * 24 * 60 * 60 * 1_000;

/** Checks how a task is claimed, where it enters. @throws {TypeError | RangeError} naming what is wrong. */
export function checkClaimRequest({ holder, leaseMs, keep, again }: ClaimRequest): void {
  checkHolder(holder);
  for (const [option, value] of Object.entries({ keep, again })) {
    if (value !== undefined && typeof value !== "boolean")
      throw new TypeError(`${option} must be true or false`);
  }
  if (leaseMs === undefined) return;
  if (typeof leaseMs !== "number")
    throw new TypeError(`leaseMs must be a number of milliseconds, got ${typeof leaseMs}`);
  if (!(leaseMs > 0)) throw new RangeError(`leaseMs must be more than 0 milliseconds, got ${leaseMs}`);
  if (leaseMs > longestClaimMs && leaseMs !== Infinity)
    throw new RangeError(
      `leaseMs must be at most ${longestClaimMs} milliseconds, or Infinity, got ${leaseMs}`,
    );
}

/** @throws {TypeError} it is no name. */
export function checkHolder(holder: unknown): string {
  if (typeof holder !== "string" || holder.trim() === "")
    throw new TypeError("holder must be a non-empty string: the name of whoever is to hold the task");
  return holder;
}

/** Checks what shows a claim. @throws {TypeError} naming what is missing. */
export function checkProof(proof: ClaimProof): ClaimProof {
  if (typeof proof !== "object" || proof === null)
    throw new TypeError("a claim must be an object { holder, token }");
  checkHolder(proof.holder);
  if (typeof proof.token !== "string" || !/^\d+$/.test(proof.token))
    throw new TypeError("the token of a claim must be a decimal string");
  return proof;
}

/** Who evicts, and why, must be known afterwards. @throws {TypeError} naming what is missing. */
export function checkEviction({ by, reason }: Eviction): void {
  for (const [option, value] of Object.entries({ by, reason })) {
    if (typeof value !== "string" || value.trim() === "")
      throw new TypeError(`${option} must be a non-empty string`);
  }
}
