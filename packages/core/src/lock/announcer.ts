/** Writers that sit in the kernel's queue and must look now and then whether to close the turnstile: one timer for all of them. */
import type { Turnstile } from "./turnstile.ts";

/** How often they look. */
const announceEveryMs = 20;

const waiting = new Set<Turnstile>();
let timer: NodeJS.Timeout | undefined;

export function startAnnouncing(turnstile: Turnstile): void {
  waiting.add(turnstile);
  timer ??= setInterval(announceAll, announceEveryMs).unref();
}

/** Leaves the timer to end by itself: waits come one after another, and this one delays a holder. */
export function stopAnnouncing(turnstile: Turnstile): void {
  waiting.delete(turnstile);
}

function announceAll(): void {
  for (const turnstile of waiting) turnstile.announce();
  if (waiting.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
