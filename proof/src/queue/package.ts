/** The one place that knows where the queue's sources are. */
export { openQueue, type Claim, type Job, type Queue } from "../../../packages/queue/src/index.ts";
