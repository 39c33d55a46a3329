import { setTimeout as sleep } from "node:timers/promises";
import { LockTimeoutError } from "@flockwork/core";
import type { ClaimRecord, Claims } from "./claims.ts";

/** How often claims are swept, and until when. */
export interface KeepSweepingOptions<Id> {
  readonly signal: AbortSignal;
  /** Milliseconds between two sweeps. Default 60 000. */
  readonly intervalMs?: number | undefined;
  /** Is told of the claims that a sweep ended, where it ended any. What it throws ends the sweeping. */
  readonly onSwept?: ((claims: readonly ClaimRecord<Id>[]) => void) | undefined;
}

const longestMs = 2_147_483_647;

/**
 * Ends claims whose time is over, at once and then again and again, until the signal aborts: what exarp's guide has a cron job for.
 * Nobody needs it to claim such a task; it shows tasks as free that nobody asks for. A store that is busy is swept the next time.
 *
 * @throws What `sweep` throws otherwise.
 */
export async function keepSweeping<Id>(
  claims: Pick<Claims<Id>, "sweep">,
  { signal, intervalMs = 60_000, onSwept }: KeepSweepingOptions<Id>,
): Promise<void> {
  if (!(intervalMs > 0))
    throw new RangeError(`intervalMs must be more than 0 milliseconds, got ${intervalMs}`);
  while (!signal.aborted) {
    const swept = await claims.sweep({ signal }).catch((error: unknown): readonly ClaimRecord<Id>[] => {
      if (signal.aborted || error instanceof LockTimeoutError) return [];
      throw error;
    });
    if (swept.length > 0) onSwept?.(swept);
    await sleep(Math.min(intervalMs, longestMs), undefined, { signal }).catch(() => undefined); // aborted
  }
}
