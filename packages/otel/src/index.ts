export { observeFlockwork, type ObserveOptions } from "./observe-flockwork.ts";
export type { CountedQueue, QueueNumbers } from "./queue-stats.ts";
