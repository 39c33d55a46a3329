import { instantOf, renewing, type Fence, type KeptLease, type LeaseRecord } from "@flockwork/core";
import { leaseNameOf, leaseOf, releaseClaim, renewClaim } from "./claim-issue.ts";
import type { Issue } from "./issue.ts";
import type { IssuesDraft } from "./issues-draft.ts";
import type { IssueReceipt } from "./receipt.ts";

type Change = (
  work: (draft: IssuesDraft, nowMs: number) => Issue,
  wait: { readonly signal?: AbortSignal | undefined },
) => Promise<IssueReceipt>;

/** An issue that its actor works on. With a lease it renews itself, and does not keep the process alive. */
export class Claim implements AsyncDisposable {
  readonly id: string;
  readonly actor: string;
  /** Of the claim itself; `receipt.issue` is the issue as it was claimed. */
  readonly receipt: IssueReceipt;
  readonly #change: Change;
  readonly #kept: KeptLease | undefined;
  #released: Promise<void> | undefined;

  constructor(id: string, actor: string, receipt: IssueReceipt, change: Change) {
    this.id = id;
    this.actor = actor;
    this.receipt = receipt;
    this.#change = change;
    const lease = leaseOf(receipt.issue);
    if (lease === undefined || lease.releasedAt !== undefined) return;
    const renew = async (signal: AbortSignal): Promise<LeaseRecord> => {
      const now = instantOf();
      const renewed = await change((draft, nowMs) => renewClaim(draft, id, lease.token, nowMs, now), {
        signal,
      });
      return renewed.issue.flockwork_lease as LeaseRecord;
    };
    this.#kept = renewing(lease, renew, { name: leaseNameOf(id) });
  }

  /** Goes with each write made under the claim: `update(id, change, { fence })`. Undefined without a lease. */
  get fence(): Fence | undefined {
    return this.#kept?.fence;
  }

  /** Aborts when the lease is lost. Never, without a lease. */
  get signal(): AbortSignal {
    return this.#kept?.signal ?? neverAborts;
  }

  /** Whether the claim is still ours, by this process's clock. */
  get held(): boolean {
    return this.#released === undefined && (this.#kept?.held ?? true);
  }

  /** @throws {LeaseLostError | StaleFencingTokenError} stop: the claim is lost. */
  assertHeld(): void {
    this.#kept?.assertHeld();
  }

  /** Renews the lease at once, beside the renewals that come by themselves. Throws as `assertHeld`. */
  async renew(): Promise<void> {
    await this.#kept?.renew();
  }

  /** Gives the issue back: open and nobody's, unless it was closed meanwhile. Idempotent. */
  release(): Promise<void> {
    this.#kept?.stop();
    this.#released ??= this.#giveBack().catch((error: unknown) => {
      this.#released = undefined; // so that it can be tried again
      throw error;
    });
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  async #giveBack(): Promise<void> {
    const by = { actor: this.actor, token: this.#kept?.record.token };
    const now = instantOf();
    await this.#change((draft, nowMs) => releaseClaim(draft, this.id, by, nowMs, now), {});
  }
}

const neverAborts = new AbortController().signal;
