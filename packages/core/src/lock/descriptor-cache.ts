/**
 * Lock descriptors that are open but not held: reopening one costs more than the lock itself.
 * Least recently used goes first; what stays unused is closed after a while, by a timer that keeps nothing alive.
 */
import { monotonicMs } from "./clock.ts";
import { lockSettings } from "./lock-settings.ts";

export interface IdleDescriptor {
  close(): void;
}

const idle = new Map<IdleDescriptor, number>();
let timer: NodeJS.Timeout | undefined;

/** Takes care of a descriptor that is not held any more. */
export function adoptDescriptor(owner: IdleDescriptor): void {
  const { cachedDescriptors, idleCloseMs } = lockSettings();
  if (cachedDescriptors === 0) return owner.close();
  idle.delete(owner);
  idle.set(owner, monotonicMs());
  if (idle.size > cachedDescriptors) {
    const oldest = idle.keys().next().value;
    if (oldest !== undefined) discard(oldest);
  }
  timer ??= setInterval(closeUnused, Math.max(idleCloseMs, 1)).unref();
}

/** The descriptor is in use again. */
export function reclaimDescriptor(owner: IdleDescriptor): void {
  idle.delete(owner);
}

/** Closes every lock descriptor this process keeps open without holding it. */
export function closeIdleLocks(): void {
  for (const owner of [...idle.keys()]) discard(owner);
  stop();
}

function closeUnused(): void {
  const before = monotonicMs() - lockSettings().idleCloseMs;
  for (const [owner, since] of idle) {
    if (since > before) break; // insertion order is age order
    discard(owner);
  }
  if (idle.size === 0) stop();
}

function discard(owner: IdleDescriptor): void {
  idle.delete(owner);
  owner.close();
}

function stop(): void {
  clearInterval(timer);
  timer = undefined;
}
