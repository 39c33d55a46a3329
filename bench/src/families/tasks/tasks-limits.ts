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
      `a claim of ours takes ${inUs(usEach(row.ours))}, one of the loop ${inUs(usEach(row.baseline))}: half of ours is SQLite's COMMIT, which writes the pages of the fencing token as well, and the token's own table adds 10 (profile). The loop keeps no token`,
  },
];
