/** What stops the rows of logs that miss their goal. */
import { goalOf, type Limit, type Missed } from "../../limit.ts";
import { inUs, times, unfairness } from "../../limit-words.ts";
import { figure } from "../../measure/figure.ts";

const peers = { family: "log", heading: "Beside the fastest others" } as const;
const table = "append of a line of 300 bytes, disk, 8 processes";

const cpuOf = (row: Missed, contender: string, of?: string): number =>
  row.cell(contender, "processor time", of);

/** How many times the processor time of the same contender alone an append of one of eight processes takes. */
function timesAlone(row: Missed, contender: string): string {
  const alone = row.name.replace(/8 processes: .*/, "one process");
  return times(cpuOf(row, contender) / cpuOf(row, contender, alone));
}

export const logLimits: readonly Limit[] = [
  {
    ...peers,
    row: /^durable append, 64 callers$/,
    baseline: /SQLite|one at a time/,
    told: "64 callers",
    limit: (row) =>
      `ours: a line of one of 64 callers takes 10 us of processor time at \`os\`, without any sync (profile), of the ${(1e6 / goalOf(row) / (row.baseline ?? Number.NaN)).toFixed(1)} that the goal leaves for everything: a hash for its receipt, its encoding and checks, a look at the path for each call. Not mended yet`,
  },
  {
    ...peers,
    row: /^durable append, 8 processes$/,
    told: "eight processes",
    limit: (row) => {
      const bare = row.cell("plain fs", "throughput", table);
      const asked = goalOf(row) * (row.baseline ?? NaN);
      const most = `The goal asks for ${figure(asked)} a second, the bare append makes ${figure(bare)}`;
      return `ours: an append takes ${times(cpuOf(row, "Flockwork", table) / cpuOf(row, "plain fs", table))} times the processor time of the same append and fdatasync without any lock (table "${table}"): 20 system calls for 3, hand-overs to and from a thread for the sync, and for each wait two tries and a thread. ${most}`;
    },
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, disk, one process: throughput, beside the best peer$/,
    columns: ["throughput", "processor time"],
    told: "lengthens the file",
    limit: (row) =>
      `an append and fdatasync without any lock makes ${figure(row.cell("plain fs", "throughput"))} a second (table, plain fs) where SQLite makes ${figure(row.baseline ?? NaN)}: it lengthens the file, and SQLite writes into a log that has its length. The rest is ours: ${inUs(cpuOf(row, "Flockwork"))} of processor time beside ${inUs(cpuOf(row, "plain fs"))}, for a lock, looks at the file, and the fdatasync handed to a thread`,
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, os, one process: throughput, beside the best peer$/,
    columns: ["processor time"],
    told: "nine calls",
    limit: (row) =>
      `ours: ${inUs(cpuOf(row, "Flockwork"))} of processor time for ${inUs(cpuOf(row, row.baselineName ?? ""))} (table): nine system calls for eight, and about half of it is JavaScript and its collector (profile); each look is a promise that SQLite's format does not need`,
  },
  {
    ...peers,
    row: /^append of a line of 300 bytes, (disk|os), 8 processes: throughput, beside the best peer$/,
    columns: ["processor time", "worst wait", "Jain"],
    told: "eight processes",
    limit: (row) =>
      `ours: with eight processes an append takes ${timesAlone(row, "Flockwork")} times the processor time that one alone needs (tables), by two tries and a thread for each wait, where SQLite takes ${timesAlone(row, row.baselineName ?? "")} times its own${unfairness(row)}`,
  },
];
