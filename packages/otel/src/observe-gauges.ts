import { metrics } from "@flockwork/core";
import type { BatchObservableCallback, Meter } from "@opentelemetry/api";
import type { CountedQueue } from "./queue-stats.ts";

/** What is read when the meter asks for it: locks held and waited for now, and queues. Returns what ends it. */
export function observeGauges(meter: Meter, queues: Readonly<Record<string, CountedQueue>>): () => void {
  const held = meter.createObservableUpDownCounter("flockwork.lock.held", { unit: "{lock}" });
  const pending = meter.createObservableUpDownCounter("flockwork.lock.pending_requests", {
    unit: "{request}",
  });
  const depth = meter.createObservableUpDownCounter("flockwork.queue.depth", { unit: "{job}" });
  const oldest = meter.createObservableGauge("flockwork.queue.oldest_age", { unit: "s" });
  const dead = meter.createObservableUpDownCounter("flockwork.queue.dead", { unit: "{job}" });
  const instruments = [held, pending, depth, oldest, dead];
  const read: BatchObservableCallback = async (result) => {
    const { lock } = metrics();
    result.observe(held, lock.held);
    result.observe(pending, lock.waiting);
    for (const [name, queue] of Object.entries(queues)) {
      const stats = await queue.stats();
      const attributes = { "messaging.system": "flockwork", "messaging.destination.name": name };
      result.observe(depth, stats.waiting + stats.delayed + stats.blocked, attributes);
      result.observe(oldest, stats.oldestWaitingMs / 1_000, attributes);
      result.observe(dead, stats.dead, attributes);
    }
  };
  meter.addBatchObservableCallback(read, instruments);
  return () => meter.removeBatchObservableCallback(read, instruments);
}
