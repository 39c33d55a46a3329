export type { Nudge, QueueEvent } from "./event.ts";
export type { Claim, DeadLetter, Job, JobState, Lease } from "./job.ts";
