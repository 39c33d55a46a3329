import {
  instantOf,
  LeaseLostError,
  StaleFencingTokenError,
  type Clock,
  type LeaseRecord,
  type WaitOptions,
} from "@flockwork/core";
import type { ChangeQueue } from "../change-queue.ts";
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
} from "../claims/claims.ts";
import { HeldClaim } from "../claims/held-claim.ts";
import { evictTask, claimOf, grantTask, recordOf, releaseTask, renewTask } from "./claim-task.ts";
import { readyTasks } from "./queries.ts";
import type { TaskBoard } from "./task-board.ts";
import type { FlowForgeTask, FlowForgeTaskFile, TaskId } from "./task.ts";

/** The claims of a FlowForge file: each lies in its task, and is changed together with it. */
export class TaskClaims implements Claims<TaskId> {
  readonly #queue: ChangeQueue<FlowForgeTaskFile, TaskBoard>;
  readonly #read: () => Promise<readonly FlowForgeTask[]>;
  readonly #clock: Clock | undefined;

  constructor(
    queue: ChangeQueue<FlowForgeTaskFile, TaskBoard>,
    read: () => Promise<readonly FlowForgeTask[]>,
    clock: Clock | undefined,
  ) {
    this.#queue = queue;
    this.#read = read;
    this.#clock = clock;
  }

  async claim(id: TaskId, request: ClaimRequest): Promise<Claim<TaskId> | ClaimRefusal<TaskId>> {
    checkClaimRequest(request);
    const { value } = await this.#queue.submit((board) => grantTask(board, id, request), waitOf(request));
    return "granted" in value ? value : this.#hold(id, value, request);
  }

  /**
   * Claims the most urgent task that is ready; what others let expire counts. Undefined where there is none.
   */
  async claimNext(request: ClaimRequest): Promise<Claim<TaskId> | undefined> {
    checkClaimRequest(request);
    const { value } = await this.#queue.submit((board) => {
      evictExpired(board);
      for (const { id } of readyTasks(board.file.tasks)) {
        const granted = grantTask(board, id, request);
        if (!("granted" in granted)) return { id, granted };
      }
      return undefined;
    }, waitOf(request));
    return value && this.#hold(value.id, value.granted, request);
  }

  async claimAll(
    ids: readonly TaskId[],
    request: ClaimRequest,
  ): Promise<readonly Claim<TaskId>[] | ClaimRefusal<TaskId>> {
    checkClaimRequest(request);
    const grants = await this.#queue
      .alone((board) => {
        return ids.map((id) => {
          const granted = grantTask(board, id, request);
          if ("granted" in granted) throw new Refused(granted);
          return { id, granted };
        });
      }, waitOf(request))
      .catch((error: unknown) => {
        if (error instanceof Refused) return error.refusal;
        throw error;
      });
    if ("granted" in grants) return grants;
    return grants.value.map(({ id, granted }) => this.#hold(id, granted, request));
  }

  async renew(
    id: TaskId,
    proof: ClaimProof,
    options: WaitOptions & { readonly leaseMs?: number | undefined } = {},
  ): Promise<ClaimRecord<TaskId>> {
    checkProof(proof);
    const lease = await this.#renew(id, proof, options);
    return recordOf(id, lease, instantOf(this.#clock));
  }

  async release(id: TaskId, proof: ClaimProof, options: WaitOptions = {}): Promise<void> {
    checkProof(proof);
    await this.#queue.submit((board) => releaseTask(board, id, proof), waitOf(options));
  }

  async sweep(options: WaitOptions = {}): Promise<readonly ClaimRecord<TaskId>[]> {
    return (await this.#queue.submit(evictExpired, waitOf(options))).value;
  }

  async forceRelease(
    id: TaskId,
    eviction: Eviction,
    options: WaitOptions = {},
  ): Promise<ClaimRecord<TaskId> | undefined> {
    checkEviction(eviction);
    const { value } = await this.#queue.submit(
      (board) => evictTask(board, board.require(id, `release task ${id}`), eviction),
      waitOf(options),
    );
    return value;
  }

  async releaseHolder(
    holder: string,
    eviction: Eviction,
    options: WaitOptions = {},
  ): Promise<readonly ClaimRecord<TaskId>[]> {
    checkHolder(holder);
    checkEviction(eviction);
    const { value } = await this.#queue.submit((board) => {
      const theirs = [...board.byId.values()].filter(
        (task) => claimOf(task, board.instant)?.holder === holder,
      );
      return theirs.flatMap((task) => evictTask(board, task, eviction) ?? []);
    }, waitOf(options));
    return value;
  }

  async inspect(id: TaskId): Promise<ClaimRecord<TaskId> | undefined> {
    const task = (await this.#read()).find((each) => String(each.id) === String(id));
    return task && claimOf(task, instantOf(this.#clock));
  }

  async list(): Promise<readonly ClaimRecord<TaskId>[]> {
    const now = instantOf(this.#clock);
    return (await this.#read())
      .flatMap((task) => claimOf(task, now) ?? [])
      .filter(({ state }) => state === "held");
  }

  #hold(id: TaskId, lease: LeaseRecord, { keep = true }: ClaimRequest): Claim<TaskId> {
    const proof = { holder: lease.holder, token: lease.token };
    return new HeldClaim<TaskId>(id, lease, {
      keep,
      clock: this.#clock,
      renew: (signal) => this.#renew(id, proof, { signal, timeoutMs: lease.leaseMs }),
      giveBack: () =>
        this.release(id, proof).catch((error: unknown) => {
          if (!(error instanceof StaleFencingTokenError || error instanceof LeaseLostError)) throw error;
        }),
    });
  }

  async #renew(
    id: TaskId,
    proof: ClaimProof,
    { leaseMs, ...wait }: WaitOptions & { readonly leaseMs?: number | undefined },
  ): Promise<LeaseRecord> {
    const { value } = await this.#queue.submit((board) => renewTask(board, id, proof, leaseMs), waitOf(wait));
    return value;
  }
}

/** Ends the recipe of a batch: what it had granted is not written. */
class Refused extends Error {
  readonly refusal: ClaimRefusal<TaskId>;

  constructor(refusal: ClaimRefusal<TaskId>) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

function evictExpired(board: TaskBoard): readonly ClaimRecord<TaskId>[] {
  return [...board.byId.values()].flatMap((task) => {
    if (claimOf(task, board.instant)?.state !== "expired") return [];
    return evictTask(board, task, undefined) ?? [];
  });
}

function waitOf({ timeoutMs, signal }: WaitOptions): WaitOptions {
  return { timeoutMs, signal };
}
