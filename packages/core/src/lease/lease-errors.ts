import { StoreError } from "../errors.ts";
import { LeaseLostError } from "../lock/lock-errors.ts";

/**
 * Somebody who held a lease acts on it after it was granted to somebody else. Nothing was written. The work done under the
 * old grant must not be applied: drop it, or acquire the lease again, read again, and repeat it.
 */
export class StaleFencingTokenError extends StoreError {
  readonly code = "ERR_STALE_FENCING_TOKEN";
  /** The name of the lease, where it is known. */
  readonly lease: string;
  /** The token the caller came with. */
  readonly presented: string;
  /** The highest token that is known; its holder is the one who may act. */
  readonly current: string;

  constructor(lease: string, presented: string, current: string, attempt = `act on the lease ${lease}`) {
    super(
      `Refusing to ${attempt}: its fencing token ${presented} is stale, ${current} was granted since. ` +
        "Nothing was written. Somebody else holds the lease or has held it: acquire it again, read again, and repeat the work.",
    );
    this.lease = lease;
    this.presented = presented;
    this.current = current;
  }
}

/** A lease that is over; its `path` is its name. What was not yet committed was not written. */
export function leaseLost(
  name: string,
  heldForMs: number,
  why: string,
  options?: ErrorOptions,
): LeaseLostError {
  return new LeaseLostError(name, heldForMs, why, options, `The lease ${name}`);
}
