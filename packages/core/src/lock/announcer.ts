/** Writers that sit in the kernel's queue and must look now and then whether to close the turnstile: one timer for all of them. */
import type { Turnstile } from "./turnstile.ts";

/** How often they look. */
const announceEveryMs = 20;

/** Those that wait, and those that did since the last look. */
const known = new Set<Turnstile>();
let timer: NodeJS.Timeout | undefined;

export function startAnnouncing(turnstile: Turnstile): void {
  turnstile.announcing = true;
  known.add(turnstile);
  timer ??= setInterval(announceAll, announceEveryMs).unref();
}

/** Leaves the rest to the next look: waits come one after another, and this one delays a holder. */
export function stopAnnouncing(turnstile: Turnstile): void {
  turnstile.announcing = false;
}

function announceAll(): void {
  for (const turnstile of known) {
    if (turnstile.announcing) turnstile.announce();
    else known.delete(turnstile);
  }
  if (known.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}
