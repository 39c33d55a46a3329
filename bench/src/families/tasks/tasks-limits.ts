/** What stops the claims of tasks. */
import { inUs, usEach } from "../../limit-words.ts";
import type { Limit } from "../../limit.ts";

export const tasksLimits: readonly Limit[] = [
  {
    family: "tasks",
    heading: "Tasks",
    row: /^todo2: claims of one agent/,
    baseline: /./,
    told: "The token's own table adds 10",
    limit: (row) =>
      `a claim of ours takes ${inUs(usEach(row.ours))}, one of the loop ${inUs(usEach(row.baseline))}: half of ours is SQLite's COMMIT, which writes the pages of the fencing token as well, and the token's own table adds 10 (profile); the loop keeps no token. What else ours takes longer for is not explained`,
  },
  {
    family: "tasks",
    heading: "Tasks",
    row: /^jit: 20 agents on different issues/,
    told: "41 looks at files",
    limit:
      "ours: an update writes its issue and tells of it in jit's events, under the locks of both, and takes 1.5 ms of processor time in a process alone where the baseline takes 0.6: 41 looks at files for 9, eight calls of `flock` for three, and a sync more for each two updates and a half (trace). Not mended yet",
  },
];
