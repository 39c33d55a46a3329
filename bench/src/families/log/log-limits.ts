/** What stops the rows of logs that miss their goal. */
import { goalOf, type Limit } from "../../limit.ts";

const peers = { family: "log", heading: "Beside the fastest others" } as const;
const table = "append of a line of 300 bytes, disk, 8 processes";

export const logLimits: readonly Limit[] = [
  {
    ...peers,
    row: /^durable append, 64 callers$/,
    baseline: /SQLite/,
    told: "64 callers",
    limit: (row) =>
      `ours: a line of one of 64 callers takes 10 us of processor time at \`os\`, without any sync (profile), of the ${(1e6 / goalOf(row) / (row.baseline ?? Number.NaN)).toFixed(1)} that the goal leaves for everything: a hash for its receipt, its encoding and checks, a look at the path for each call. Not mended yet`,
  },
  {
    ...peers,
    row: /^durable append, 8 processes$/,
    told: "eight processes",
    limit: `ours: each append takes several times the processor time of the same append and fdatasync without any lock (table "${table}"): 20 system calls for 3, hand-overs to and from a thread for the sync, and for each wait two tries and a thread. Twice the baseline is more than that bare append makes, where the note says so`,
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, disk, one process: throughput, beside the best peer$/,
    columns: ["throughput", "processor time"],
    told: "lengthens the file",
    limit:
      "an append and fdatasync without any lock makes less than SQLite as well (table, plain fs): it lengthens the file, and SQLite writes into a log that has its length. The rest is ours: a lock, looks at the file, and the fdatasync handed to a thread (processor time)",
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, os, one process: throughput, beside the best peer$/,
    columns: ["processor time"],
    told: "nine calls",
    limit:
      "ours: nine system calls for eight, and twice the processor time (table), about half of it JavaScript and its collector; each look is a promise that SQLite's format does not need",
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, (disk|os), 8 processes: throughput, beside the best peer$/,
    columns: ["processor time", "worst wait", "Jain"],
    told: "eight processes",
    limit:
      "ours: two to five times the processor time of one process's append (tables), by two tries and a thread for each wait. In SQLite the process that has the lock mostly gets it again (Jain); at `disk` others wait for more than a second (worst wait)",
  },
];
