/** What stops the rows that miss their goal. Each was found by a profile, a trace or a bare measurement, which the README tells in full. */
import { documentLimits } from "./families/document/document-limits.ts";
import { growthLimits } from "./families/growth/growth-limits.ts";
import { lockLimits } from "./families/lock/lock-limits.ts";
import { logLimits } from "./families/log/log-limits.ts";
import { applies, textOf, type Limit } from "./limit.ts";
import type { Row } from "./measure/row.ts";

const machines = { family: "registry", heading: "Where the time of a machine's write goes" } as const;
const entries = { family: "time", heading: "Where the time of a start in a whole file goes" } as const;
const jobs = { family: "queue", heading: "Where the time of a job goes" } as const;
const issues = { family: "beads", heading: "The issue log" } as const;

export const limits: readonly Limit[] = [
  ...lockLimits,
  ...documentLimits,
  ...logLimits,
  ...growthLimits,
  {
    family: "transact",
    row: /^durable commit/,
    told: "45 % of that time is in `rename`",
    limit: "45 % of what is not a sync is in `rename`, where ext4 hands the content to the disk",
    heading: "Where the time of a commit of several files goes",
  },
  {
    ...machines,
    row: /^the least of a write/,
    told: "the row `the least of a write, fsyncs off the thread`",
    limit: "what waiting off the thread costs the bare calls by itself",
  },
  {
    family: "tasks",
    heading: "Tasks",
    row: /^todo2: claims of one agent/,
    told: "Half of a claim is SQLite's COMMIT",
    limit:
      "half of a claim is SQLite's COMMIT, which writes the pages of the fencing token as well; the loop keeps none",
  },
  {
    ...machines,
    row: /^write of a machine/,
    told: "sixteen system calls more",
    limit:
      "with fsync, JavaScript of 0.4 ms and sixteen system calls that the bare calls do without, and fsyncs off the thread; without, ext4's `rename`",
  },
  {
    ...entries,
    row: /^(start or stop on 50 000 entries|processor time of)/,
    told: "takes each content for new",
    limit:
      "core's document takes each content for new: it looks how deep it nests, and makes the old text again to see whether it was of the canonical form",
  },
  {
    ...jobs,
    row: /4 processes of 64 callers/,
    told: "processors' worth",
    limit:
      "nearly all of a job is done under the lock, the taking in of what others did as well: the four processes together use one processor's worth of the two",
  },
  {
    ...jobs,
    row: /^a job, 4 processes/,
    told: "three processes that take in",
    limit: "each process keeps the state in memory, and takes in what the three others did",
  },
  {
    ...jobs,
    row: /^jobs, 64 callers of one process/,
    told: "three fsyncs for 64 jobs",
    baseline: /^bullmq/i,
    limit:
      "57 us of one processor and three fsyncs for each 64 jobs, one after the other, are 90 us a job; BullMQ's work is done by two programs, on both processors",
  },
  {
    ...issues,
    row: /^cold open/,
    told: "1.54 times the baseline",
    limit: "core's log alone takes 1.54 times the baseline: pieces, UTF-8, depth",
  },
  {
    ...issues,
    row: /^resident memory that opening, ready\(\)/,
    told: "V8's young generation has 3.1",
    limit: "V8's young generation is 3.1 of it, full or empty, and what is in use 3.3",
  },
  {
    ...issues,
    row: /^append of an issue, 8 processes/,
    told: "0.2 ms each time",
    limit:
      "with one caller a process nothing that makes each line durable by itself is 20 times as fast; without fsync, a lock handed from process to process, 0.2 ms each time",
  },
];

/** Says what stops the rows that missed, where that is known; what was said of them before goes. */
export function withLimits(family: string, rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => {
    const { limit: _before, ...bare } = row;
    if (row.verdict !== "not met" || row.faults.length > 0) return bare;
    for (const each of limits) {
      const text = each.family === family && applies(each, row) ? textOf(each, row, rows) : undefined;
      if (text !== undefined) return { ...bare, limit: `${text} (README: ${each.heading})` };
    }
    return bare;
  });
}
