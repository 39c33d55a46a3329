/** What stops the rows that miss their goal. Each was found by a profile, a trace or a bare measurement, which the README tells in full. */
import type { Row } from "./measure/row.ts";

export interface Limit {
  readonly family: string;
  /** Rows of such a name … */
  readonly row: RegExp;
  /** … beside such a baseline. */
  readonly baseline?: RegExp;
  readonly limit: string;
  /** The heading of the README that has the measurements. */
  readonly heading: string;
}

const lock = { family: "lock", heading: "Where the time of a lock goes" } as const;
const others = { heading: "Beside the fastest others" } as const;
const documents = { family: "document", heading: "Where the time of a durable update goes" } as const;
const machines = { family: "registry", heading: "Where the time of a machine's write goes" } as const;
const entries = { family: "time", heading: "Where the time of a start in a whole file goes" } as const;
const jobs = { family: "queue", heading: "Where the time of a job goes" } as const;
const issues = { family: "beads", heading: "The issue log" } as const;

export const limits: readonly Limit[] = [
  {
    ...lock,
    row: /^uncontended withWriteLock/,
    limit:
      "its four system calls and two crossings into the addon take 1.8 to 2.1 us of C's cycle; the context that finds a lock inside itself takes 0.25 to 0.45",
  },
  {
    ...lock,
    row: /^1000 callers in one process/,
    limit:
      "a bare queue of promises with AsyncLocalStorage.run takes 0.9 to 1.0 us a caller, and the kernel's part of a grant 1.7",
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: throughput/,
    baseline: /^(C flock|Node on)/,
    limit: "a Node process is woken twice for each hand-over, C once: Node that only waits misses it too",
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: throughput/,
    baseline: /^proper-lockfile/,
    limit:
      "C itself is 1.6 to 2.5 times proper-lockfile here: the millisecond in the section is most of a turn",
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: (p99|worst) wait/,
    limit:
      "eight turns of a strict queue are 12 to 14 ms at this throughput, and a stall of the machine comes on top: C's own p99 is longer",
  },
  {
    ...lock,
    row: /no addon \(koffi\): throughput/,
    limit:
      "without the addon nobody waits in the kernel's queue: a lock that is free stays free until the next look",
  },
  {
    ...lock,
    row: /^4 beside 4 that block, no think: share/,
    limit: "Go is woken once for each hand-over and takes the lock again at once; Node is woken twice",
  },
  {
    ...lock,
    ...others,
    row: /beside the best that promises less$/,
    limit:
      "two system calls instead of four: no look whether the lock file is still that of the path; no turns among callers",
  },
  {
    ...lock,
    ...others,
    row: /holds: (throughput|worst wait), beside the best peer$/,
    limit:
      "whoever polls takes the lock when it happens to look; ours is handed over in turn, which wakes a process each time. With empty sections nobody sleeps, and the wait is for a processor: C, Rust and Python wait as long",
  },
  {
    ...documents,
    row: /^durable update of a 10 KB document$/,
    limit:
      "rename over a file and the fsync of its directory each make ext4's journal commit, and fsyncs off the thread cost two hand-overs",
  },
  {
    ...documents,
    ...others,
    row: /^update of a (10 KB|1 MB) document.*beside/,
    limit:
      "SQLite overwrites pages in a log that is there, with one sync at most; ours replaces the file, and with eight processes reads and parses what another wrote, after a hand-over of the lock",
  },
  {
    ...documents,
    row: /^cached read of a 10 KB document$/,
    limit: "one `stat`, the look whether somebody has changed the file, is 1.2 to 1.5 us of it",
  },
  {
    ...documents,
    family: "growth",
    row: /^update of a document: processor time at 100 MB/,
    limit:
      "`JSON.stringify`, which is half of an update, takes 2.7 times as long for each MB of 100 as of 1, and the collector has four times the share",
  },
  {
    family: "log",
    ...others,
    row: /^durable append, 64 callers$/,
    limit: "15 times SQLite is less than a line costs at `os`, without any sync",
  },
  {
    family: "log",
    ...others,
    row: /^durable append, 8 processes$/,
    limit:
      "each fsync follows the release of the lock, so that several are under way at once; this disk gains nothing from that",
  },
  {
    family: "log",
    ...others,
    row: /^append of a line of 300 bytes, (disk|os), one process/,
    limit:
      "at `os` three looks at the file that SQLite's format does not need; at `disk` an append that lengthens the file, which makes the journal commit, and a hand-over to a thread for the fsync",
  },
  {
    family: "log",
    ...others,
    row: /^append of a line of 300 bytes, (disk|os), 8 processes/,
    limit:
      "a lock handed over in turn, 0.1 to 0.2 ms each time; SQLite's goes to whoever polls first, and others wait for more than a second",
  },
  {
    family: "transact",
    row: /^durable commit/,
    limit: "45 % of what is not a sync is in `rename`, where ext4 hands the content to the disk",
    heading: "Where the time of a commit of several files goes",
  },
  {
    ...machines,
    row: /^the least of a write/,
    limit: "what waiting off the thread costs the bare calls by itself",
  },
  {
    family: "tasks",
    heading: "Tasks",
    row: /^todo2: claims of one agent/,
    limit:
      "half of a claim is SQLite's COMMIT, which writes the pages of the fencing token as well; the loop keeps none",
  },
  {
    ...machines,
    row: /^write of a machine/,
    limit:
      "with fsync, JavaScript of 0.4 ms and sixteen system calls that the bare calls do without, and fsyncs off the thread; without, ext4's `rename`",
  },
  {
    ...entries,
    row: /^(start or stop on 50 000 entries|processor time of)/,
    limit:
      "core's document takes each content for new: it looks how deep it nests, and makes the old text again to see whether it was of the canonical form",
  },
  {
    ...jobs,
    row: /4 processes of 64 callers/,
    limit:
      "nearly all of a job is done under the lock, the taking in of what others did as well: the four processes together use one processor's worth of the two",
  },
  {
    ...jobs,
    row: /^a job, 4 processes/,
    limit: "each process keeps the state in memory, and takes in what the three others did",
  },
  {
    ...jobs,
    row: /^jobs, 64 callers of one process/,
    baseline: /^bullmq/i,
    limit:
      "57 us of one processor and three fsyncs for each 64 jobs, one after the other, are 90 us a job; BullMQ's work is done by two programs, on both processors",
  },
  {
    ...issues,
    row: /^cold open/,
    limit: "core's log alone takes 1.54 times the baseline: pieces, UTF-8, depth",
  },
  {
    ...issues,
    row: /^resident memory that opening, ready\(\)/,
    limit: "V8's young generation is 3.1 of it, full or empty, and what is in use 3.3",
  },
  {
    ...issues,
    row: /^append of an issue, 8 processes/,
    limit:
      "with one caller a process nothing that makes each line durable by itself is 20 times as fast; without fsync, a lock handed from process to process, 0.2 ms each time",
  },
];

/** Says what stops the rows that missed, where that is known. */
export function withLimits(family: string, rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => {
    if (row.verdict !== "not met" || row.faults.length > 0) return row;
    const known = limits.find(
      (each) =>
        each.family === family &&
        each.row.test(row.name) &&
        (each.baseline?.test(row.baselineName ?? "") ?? true),
    );
    return known === undefined ? row : { ...row, limit: `${known.limit} (README: ${known.heading})` };
  });
}
