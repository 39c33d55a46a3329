export { measureQueue, type MeasureOptions } from "./measure-queue.ts";
export { observeFlockwork, type ObserveOptions } from "./observe-flockwork.ts";
export type { CountedQueue, QueueNumbers } from "./queue-stats.ts";
