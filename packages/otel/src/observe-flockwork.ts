import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { EventsByChannel } from "@flockwork/core";
import { metrics as meters, type Attributes, type Meter } from "@opentelemetry/api";
import { observeGauges } from "./observe-gauges.ts";
import type { CountedQueue } from "./queue-stats.ts";

/** What {@link observeFlockwork} takes. */
export interface ObserveOptions {
  /** Where the instruments are made. Default: `metrics.getMeter("@flockwork/otel")` of the global provider. */
  readonly meter?: Meter | undefined;
  /**
   * A name for the file of a lock, out of a small set; it becomes `flockwork.store.name`. Default none: paths are never
   * exported, for there may be any number of them.
   */
  readonly nameOf?: ((path: string) => string | undefined) | undefined;
  /** Queues to count, by the name that becomes `messaging.destination.name`. */
  readonly queues?: Readonly<Record<string, CountedQueue>> | undefined;
}

/** Boundaries of the histograms, in seconds: a lock is had within microseconds, or waited for as long as its timeout. */
const boundaries = [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30];

/**
 * Makes OpenTelemetry's instruments of what the locks, syncs, recoveries and fences of this process do from now on.
 *
 * @returns The function that stops it. Instruments stay where they were made, and are told nothing any more.
 * @throws {TypeError} an option is wrong.
 */
export function observeFlockwork(options: ObserveOptions = {}): () => void {
  const { nameOf, queues = {} } = options;
  if (nameOf !== undefined && typeof nameOf !== "function") throw new TypeError("nameOf must be a function");
  const meter = options.meter ?? meters.getMeter("@flockwork/otel");
  const seconds = { unit: "s", advice: { explicitBucketBoundaries: boundaries } };
  const waits = meter.createHistogram("flockwork.lock.wait_time", {
    ...seconds,
    description: "How long calls waited for a lock",
  });
  const holds = meter.createHistogram("flockwork.lock.hold_time", {
    ...seconds,
    description: "How long locks were held",
  });
  const syncs = meter.createHistogram("flockwork.io.fsync.duration", {
    ...seconds,
    description: "How long fsync and fdatasync took",
  });
  const acquisitions = meter.createCounter("flockwork.lock.acquisitions", { unit: "{acquisition}" });
  const contentions = meter.createCounter("flockwork.lock.contentions", { unit: "{contention}" });
  const timeouts = meter.createCounter("flockwork.lock.timeouts", { unit: "{timeout}" });
  const lost = meter.createCounter("flockwork.lock.lost", { unit: "{lock}" });
  const fenced = meter.createCounter("flockwork.fence.rejections", { unit: "{rejection}" });
  const quarantined = meter.createCounter("flockwork.recovery.quarantined", { unit: "By" });

  const named = (path: string | undefined, attributes: Attributes): Attributes => {
    const name = path === undefined ? undefined : nameOf?.(path);
    return name === undefined ? attributes : { ...attributes, "flockwork.store.name": name };
  };
  const ends = [
    listen("flockwork:lock:acquired", ({ path, mode, waitedMs }) => {
      const attributes = named(path, { "flockwork.lock.mode": mode, "flockwork.lock.outcome": "acquired" });
      acquisitions.add(1, attributes);
      waits.record(waitedMs / 1_000, attributes);
    }),
    listen("flockwork:lock:released", ({ path, mode, heldMs }) => {
      holds.record(heldMs / 1_000, named(path, { "flockwork.lock.mode": mode }));
    }),
    listen("flockwork:lock:contended", ({ lockPath }) => contentions.add(1, named(lockPath, {}))),
    listen("flockwork:lock:failed", ({ outcome, path, waitedMs }) => {
      const attributes = named(path, { "flockwork.lock.outcome": outcome });
      if (waitedMs !== undefined) waits.record(waitedMs / 1_000, attributes);
      if (outcome === "timeout") timeouts.add(1, named(path, { "error.type": "ERR_LOCK_TIMEOUT" }));
      if (outcome === "lost") lost.add(1, named(path, { "error.type": "ERR_LEASE_LOST" }));
    }),
    listen("flockwork:io:sync", ({ durationMs, failed }) => {
      syncs.record(durationMs / 1_000, failed ? { "error.type": "ERR_COMMIT_UNCERTAIN" } : {});
    }),
    listen("flockwork:recovery:quarantined", ({ path, bytes }) => quarantined.add(bytes, named(path, {}))),
    listen("flockwork:fence:rejected", () => fenced.add(1, { "error.type": "ERR_STALE_FENCING_TOKEN" })),
    observeGauges(meter, queues),
  ];
  return () => {
    for (const end of ends.splice(0)) end();
  };
}

function listen<Name extends keyof EventsByChannel>(
  name: Name,
  hear: (event: EventsByChannel[Name]) => void,
): () => void {
  const listener = (event: unknown): void => hear(event as EventsByChannel[Name]);
  subscribe(name, listener);
  return () => void unsubscribe(name, listener);
}
