/** The counters of this process as Prometheus reads them. Needs nothing but `@flockwork/core`. */
import { metrics, type DurationMetrics } from "@flockwork/core";
import type { CountedQueue } from "./queue-stats.ts";

/** The `Content-Type` of {@link prometheusText}. */
export const prometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

/** What {@link prometheusText} takes. */
export interface PrometheusOptions {
  /** Queues to show, by the name that becomes the label `queue`. */
  readonly queues?: Readonly<Record<string, CountedQueue>> | undefined;
}

/** The text that a scrape of this process answers: counters since it started, and what is there now. */
export async function prometheusText({ queues = {} }: PrometheusOptions = {}): Promise<string> {
  const { lock, sync, failedSyncs, quarantinedFiles, quarantinedBytes, fenceRejections } = metrics();
  const page = [
    ...histogram("flockwork_lock_wait_seconds", "How long acquired locks were waited for", lock.waitTime),
    ...histogram("flockwork_lock_hold_seconds", "How long locks were held", lock.holdTime),
    ...histogram("flockwork_io_fsync_duration_seconds", "How long fsync and fdatasync took", sync),
    ...single("counter", "flockwork_lock_acquisitions_total", "Locks that were acquired", lock.acquisitions),
    ...single("counter", "flockwork_lock_contentions_total", "Locks that others held", lock.contentions),
    ...single("counter", "flockwork_lock_timeouts_total", "Waits that ended without the lock", lock.timeouts),
    ...single("counter", "flockwork_lock_aborts_total", "Waits that were aborted", lock.aborts),
    ...single("counter", "flockwork_lock_lost_total", "Locks that were lost", lock.lost),
    ...single("gauge", "flockwork_lock_held", "Locks held now", lock.held),
    ...single("gauge", "flockwork_lock_pending_requests", "Calls that wait now", lock.waiting),
    ...single("counter", "flockwork_io_fsync_failures_total", "Syncs that failed", failedSyncs),
    ...single("counter", "flockwork_recovery_quarantined_bytes_total", "Bytes moved aside", quarantinedBytes),
    ...single(
      "counter",
      "flockwork_recovery_quarantined_total",
      "Files of bytes moved aside",
      quarantinedFiles,
    ),
    ...single("counter", "flockwork_fence_rejections_total", "Writes under a stale lease", fenceRejections),
  ];
  const names = Object.keys(queues);
  if (names.length > 0) {
    const stats = await Promise.all(Object.values(queues).map((queue) => queue.stats()));
    const labelled = (value: (of: (typeof stats)[number]) => number): [string, number][] =>
      stats.map((of, at) => [`queue="${escapeLabel(names[at] ?? "")}"`, value(of)]);
    page.push(
      ...family(
        "gauge",
        "flockwork_queue_depth",
        "Jobs that are to be done",
        labelled((of) => of.waiting + of.delayed + of.blocked),
      ),
      ...family(
        "gauge",
        "flockwork_queue_oldest_age_seconds",
        "Age of the job that is next",
        labelled((of) => of.oldestWaitingMs / 1_000),
      ),
      ...family(
        "gauge",
        "flockwork_queue_dead",
        "Jobs that were given up",
        labelled((of) => of.dead),
      ),
    );
  }
  return `${page.join("\n")}\n`;
}

function single(type: "counter" | "gauge", name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`];
}

function family(type: "gauge", name: string, help: string, values: readonly [string, number][]): string[] {
  const lines = values.map(([labels, value]) => `${name}{${labels}} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function histogram(name: string, help: string, { buckets, count, totalMs }: DurationMetrics): string[] {
  let sum = 0;
  const lines = buckets.map(({ upToMs, count: inBucket }) => {
    sum += inBucket;
    return `${name}_bucket{le="${upToMs === Infinity ? "+Inf" : upToMs / 1_000}"} ${sum}`;
  });
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...lines,
    `${name}_sum ${totalMs / 1_000}`,
    `${name}_count ${count}`,
  ];
}

function escapeLabel(text: string): string {
  return text
    .replaceAll("\\", String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`);
}
