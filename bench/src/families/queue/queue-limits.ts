/** What stops the rows of jobs that miss their goal. */
import { goalOf, type Limit, type RowName } from "../../limit.ts";
import { inUs, oursOf, spreads, times, usEach } from "../../limit-words.ts";

const jobs = { family: "queue", heading: "Where the time of a job goes" } as const;
const together: RowName = { name: "a job, 4 processes" };
const alone: RowName = { name: "a job, one process alone" };

export const queueLimits: readonly Limit[] = [
  {
    ...jobs,
    row: /4 processes of 64 callers/,
    rests: [together],
    told: "processors' worth",
    limit: (row, cost) =>
      cost === undefined
        ? undefined
        : `at ${oursOf(cost)} of processor time a job (row "${cost.name}", measured apart) the goal would take ${times((goalOf(row) * (row.ratio === null ? 1 : (row.baseline ?? NaN)) * (cost.ours ?? NaN)) / 1e6)} processors' worth, and ours uses ${times(((row.ours ?? NaN) * (cost.ours ?? NaN)) / 1e6)}: a job is decided under the lock, and so is the taking in of what others did`,
  },
  {
    ...jobs,
    row: /^a job beside 100,000 delayed ones/,
    told: "Beside 100,000 delayed jobs",
    limit: (row) => `not explained: ${spreads(row)}`,
  },
  {
    ...jobs,
    row: /^a job, 4 processes/,
    rests: [alone],
    told: "three processes that take in",
    limit: (row, one) =>
      one === undefined
        ? undefined
        : `${oursOf(one)} of its ${oursOf(row)} are what a job takes in a process alone (row "${one.name}"); the others are the three that take in what it did, for each process keeps the state in memory`,
  },
  {
    ...jobs,
    row: /^jobs, 64 callers of one process/,
    rests: [alone],
    told: "three fsyncs for 64 jobs",
    baseline: /^bullmq/i,
    limit: (row, one) =>
      one === undefined
        ? undefined
        : `a job takes ${inUs(usEach(row.ours))} of one process, of which ${oursOf(one)} are processor time where nothing is synced (row "${one.name}"); the rest waits for three fsyncs for each 64 jobs, one after the other. BullMQ's work is done by two programs at once, Node and Redis`,
  },
];
