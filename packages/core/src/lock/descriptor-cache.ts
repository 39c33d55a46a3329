/**
 * Lock descriptors that stay open between uses: reopening one costs more than the lock itself.
 * Least recently used goes first; what stays unused is closed after a while, by a timer that keeps nothing alive.
 */
import { longestTimerMs } from "../options.ts";
import { offerRoom } from "../platform/descriptor-room.ts";
import { monotonicMs } from "./clock.ts";
import { lockSettings } from "./lock-settings.ts";

/** The owner of one open descriptor. */
export interface CachedDescriptor {
  /** Monotonic milliseconds of the last release. */
  readonly lastUsedAt: number;
  /** Held, or waited on. */
  readonly inUse: boolean;
  close(): void;
}
const open = new Set<CachedDescriptor>();
let timer: NodeJS.Timeout | undefined;

/** A descriptor was opened. Makes room by closing the one that was not used for longest. */
export function noteOpened(owner: CachedDescriptor): void {
  open.add(owner);
  offerRoom(closeIdleLocks);
  const { cachedDescriptors, idleCloseMs } = lockSettings();
  while (open.size > Math.max(cachedDescriptors, 1)) {
    const oldest = leastRecentlyUsed(owner);
    if (oldest === undefined) break; // all in use
    oldest.close();
  }
  if (cachedDescriptors === 0) return; // its release closes it
  timer ??= setInterval(closeUnused, Math.min(Math.max(idleCloseMs, 1), longestTimerMs)).unref();
}

export function noteClosed(owner: CachedDescriptor): void {
  if (!open.delete(owner) || open.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Closes every lock descriptor this process keeps open without using it. */
export function closeIdleLocks(): void {
  for (const owner of open) if (!owner.inUse) owner.close();
}

function closeUnused(): void {
  const before = monotonicMs() - lockSettings().idleCloseMs;
  for (const owner of open) if (!owner.inUse && owner.lastUsedAt <= before) owner.close();
}

function leastRecentlyUsed(except: CachedDescriptor): CachedDescriptor | undefined {
  let oldest: CachedDescriptor | undefined;
  for (const owner of open) {
    if (owner === except || owner.inUse) continue;
    if (oldest === undefined || owner.lastUsedAt < oldest.lastUsedAt) oldest = owner;
  }
  return oldest;
}
