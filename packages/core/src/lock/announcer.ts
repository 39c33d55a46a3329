/** Writers that sit in the kernel's queue and must look now and then whether to close the turnstile: one timer for all of them. */
import type { Turnstile } from "./turnstile.ts";

/**
 * They look often at first, for readers that overlap hold briefly; then ever more seldom, for each look wakes an idle process:
 * who has waited long learns a quarter of that later, at most, that readers have begun to come.
 */
const firstLookMs = 20;
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
