/** What this library tells on `node:diagnostics_channel`, and its counters of what is not a lock. Asks nothing of a process in which nobody listens. */
import { channel, type Channel } from "node:diagnostics_channel";
import type { LockMode } from "@flockwork/flock";
import { Durations } from "./durations.ts";

/** Published on `flockwork:lock:acquired`. */
export interface LockAcquiredEvent {
  readonly path: string;
  readonly mode: LockMode;
  readonly waitedMs: number;
}

/** Published on `flockwork:lock:released`. */
export interface LockReleasedEvent {
  readonly path: string;
  readonly mode: LockMode;
  readonly heldMs: number;
}

/** Published on `flockwork:lock:contended`, when a call begins to wait for a lock that others hold. */
export interface LockContendedEvent {
  readonly lockPath: string;
}

/** Published on `flockwork:lock:failed`. `path` is of the lock, where it is known. */
export interface LockFailedEvent {
  readonly outcome: "timeout" | "abort" | "lost";
  readonly path?: string;
  /** Only of a timeout. */
  readonly waitedMs?: number;
}

/** Published on `flockwork:io:sync` after each fsync and fdatasync. */
export interface SyncEvent {
  readonly durationMs: number;
  readonly failed: boolean;
}

/** Published on `flockwork:recovery:quarantined` when damaged bytes were moved aside. */
export interface QuarantinedEvent {
  readonly path: string;
  readonly copyPath: string;
  readonly bytes: number;
}

/** Published on `flockwork:fence:rejected` when a write under a stale lease was refused. */
export interface FenceRejectedEvent {
  readonly lease: string;
  readonly presented: string;
  readonly current: string;
}

/** Every channel by its name. */
export interface EventsByChannel {
  readonly "flockwork:lock:acquired": LockAcquiredEvent;
  readonly "flockwork:lock:released": LockReleasedEvent;
  readonly "flockwork:lock:contended": LockContendedEvent;
  readonly "flockwork:lock:failed": LockFailedEvent;
  readonly "flockwork:io:sync": SyncEvent;
  readonly "flockwork:recovery:quarantined": QuarantinedEvent;
  readonly "flockwork:fence:rejected": FenceRejectedEvent;
}

type EventChannel<Name extends keyof EventsByChannel> = Channel<unknown, EventsByChannel[Name]>;

function open<Name extends keyof EventsByChannel>(name: Name): EventChannel<Name> {
  return channel(name) as unknown as EventChannel<Name>;
}

interface Events {
  readonly acquired: EventChannel<"flockwork:lock:acquired">;
  readonly released: EventChannel<"flockwork:lock:released">;
  readonly contended: EventChannel<"flockwork:lock:contended">;
  readonly failed: EventChannel<"flockwork:lock:failed">;
  readonly sync: EventChannel<"flockwork:io:sync">;
  readonly quarantined: EventChannel<"flockwork:recovery:quarantined">;
  readonly fenceRejected: EventChannel<"flockwork:fence:rejected">;
}

/** Publish only where `hasSubscribers`: then nobody pays for an object that nobody sees. */
export const events: Events = {
  acquired: open("flockwork:lock:acquired"),
  released: open("flockwork:lock:released"),
  contended: open("flockwork:lock:contended"),
  failed: open("flockwork:lock:failed"),
  sync: open("flockwork:io:sync"),
  quarantined: open("flockwork:recovery:quarantined"),
  fenceRejected: open("flockwork:fence:rejected"),
};

interface IoCounters {
  readonly syncs: Durations;
  failedSyncs: number;
  quarantinedFiles: number;
  quarantinedBytes: number;
  fenceRejections: number;
}

/** Counters of what is not a lock. */
export const ioCounters: IoCounters = {
  syncs: new Durations(),
  failedSyncs: 0,
  quarantinedFiles: 0,
  quarantinedBytes: 0,
  fenceRejections: 0,
};

/** Runs a sync, and counts how long it took. */
export function countedSync(sync: () => void): void {
  const startedAt = performance.now();
  let failed = true;
  try {
    sync();
    failed = false;
  } finally {
    recordSync(performance.now() - startedAt, failed);
  }
}

/** The same of one that another thread does. */
export async function countedSyncLater(sync: () => Promise<void>): Promise<void> {
  const startedAt = performance.now();
  let failed = true;
  try {
    await sync();
    failed = false;
  } finally {
    recordSync(performance.now() - startedAt, failed);
  }
}

export function recordQuarantined(path: string, copyPath: string, bytes: number): void {
  ioCounters.quarantinedFiles += 1;
  ioCounters.quarantinedBytes += bytes;
  if (events.quarantined.hasSubscribers) events.quarantined.publish({ path, copyPath, bytes });
}

export function recordFenceRejected(event: FenceRejectedEvent): void {
  ioCounters.fenceRejections += 1;
  if (events.fenceRejected.hasSubscribers) events.fenceRejected.publish(event);
}

function recordSync(durationMs: number, failed: boolean): void {
  ioCounters.syncs.add(durationMs);
  if (failed) ioCounters.failedSyncs += 1;
  if (events.sync.hasSubscribers) events.sync.publish({ durationMs, failed });
}
