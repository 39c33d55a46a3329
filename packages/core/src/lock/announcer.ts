/** Writers that sit in the kernel's queue and must look now and then whether to close the turnstile: one timer for all of them. */
import type { Turnstile } from "./turnstile.ts";

/**
 * Not before a wait is a long one, for each look wakes an idle process: of sixty-four that take turns of a millisecond each waits for
 * less. Then ever more seldom. Only who waited before the first reader ever came has to look; that one learns it a tenth of a second
 * later, or a quarter of how long it has waited.
 */
const firstLookMs = 100;
const growth = 1.25;
const lastLookMs = 1_000;

/** Those that wait, and those that did since the last look. */
const known = new Set<Turnstile>();
let timer: NodeJS.Timeout | undefined;
let lookMs = firstLookMs;

export function startAnnouncing(turnstile: Turnstile): void {
  turnstile.announcing = true;
  known.add(turnstile);
  if (timer !== undefined && lookMs === firstLookMs) return;
  clearTimeout(timer);
  lookMs = firstLookMs;
  timer = setTimeout(announceAll, lookMs).unref();
}

/** Leaves the rest to the next look: waits come one after another, and this one delays a holder. */
export function stopAnnouncing(turnstile: Turnstile): void {
  turnstile.announcing = false;
}

function announceAll(): void {
  timer = undefined;
  for (const turnstile of known) {
    if (turnstile.announcing) turnstile.announce();
    else known.delete(turnstile);
  }
  if (known.size === 0) return;
  lookMs = Math.min(lookMs * growth, lastLookMs);
  timer = setTimeout(announceAll, lookMs).unref();
}
