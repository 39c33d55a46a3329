/** What stops the rows of documents that miss their goal. */
import { baselineRatio, goalOf, type Limit, type Missed, type RowName } from "../../limit.ts";
import { both, inMs, spreads, times, unfairness } from "../../limit-words.ts";
import { figure } from "../../measure/figure.ts";
import type { Row } from "../../measure/row.ts";

const updates = { family: "document", heading: "Where the time of a durable update goes" } as const;
const peers = { family: "document", heading: "Beside the fastest others" } as const;

const one = "durable update of a 10 KB document";
export const bareCalls = "read, write, fsync, rename, fsync of the directory, blocking, no lock";
const besideBareCalls: RowName = { name: one, baseline: bareCalls };

/** What ours adds to the bare calls, which no update can do without. */
function ours(bare: Row): string {
  const [all = Number.NaN, calls = Number.NaN] = [bare.ours ?? undefined, bare.baseline ?? undefined];
  return `ours: ${inMs(all - calls)} of ${inMs(all)} are more than the bare calls take (row "${one}" beside them): 26 system calls for 9, both fsyncs handed to a thread, and JavaScript, a quarter of it core's. Not mended, because no function but the calls has more than a twentieth`;
}

/** How many times the processor time of the same contender alone an update of one of eight processes takes. */
function timesAlone(row: Missed, contender: string): string {
  const eight = row.name.replace(/: .*/, "");
  const of = (table: string): number => row.cell(contender, "processor time", table);
  return times(of(eight) / of(eight.replace("8 processes", "one process")));
}

export const documentLimits: readonly Limit[] = [
  {
    ...updates,
    row: /^durable update of a 10 KB document$/,
    baseline: /SQLite|sqlite3/i,
    rests: [besideBareCalls],
    told: "26 system calls",
    limit: (row, bare) => {
      if (bare === undefined) return undefined;
      // Both are baselines: how many times SQLite's the time of the calls is.
      const calls = baselineRatio(bare, row);
      const left = (goalOf(row) - calls) * (row.baseline ?? Number.NaN);
      const those = `the bare calls alone take ${times(calls)} times as long in the same rounds (row "${one}" beside them)`;
      if (left <= 0) return `${those}, which leaves nothing to anybody who replaces the file`;
      return `${those}, which leaves ${inMs(left)} for a lock, a look at the old content and threads; ${ours(bare)}`;
    },
  },
  {
    ...updates,
    row: /^durable update of a 10 KB document$/,
    baseline: /write-file-atomic/,
    rests: [besideBareCalls],
    told: "26 system calls",
    limit: (row, bare) =>
      bare === undefined
        ? undefined
        : `the bare calls are ${times(baselineRatio(row, bare))} times as fast as it in the same rounds, so that the goal can be met; ${ours(bare)}`,
  },
  {
    ...updates,
    row: /^durable update of a 10 KB document$/,
    baseline: /^read, write, fsync/,
    told: "26 system calls",
    limit: (row) => ours(row),
  },
  {
    ...updates,
    row: /^cached read of a 10 KB document$/,
    baseline: /./,
    told: "cached read",
    limit: (row) =>
      `ours takes ${(row.ours ?? Number.NaN).toFixed(2)} us where the goal leaves ${((row.baseline ?? Number.NaN) / goalOf(row)).toFixed(2)}: by the profile one \`stat\`, the look whether somebody has changed the file, is two thirds to three quarters of a read; the rest is a promise and the look at what is kept. Not mended`,
  },
  {
    ...peers,
    row: /^update of a (10 KB|1 MB) document, (disk|os), 8 processes: throughput, beside the best peer$/,
    columns: ["processor time", "worst wait", "Jain"],
    told: "with eight processes",
    limit: (row) =>
      `ours: with eight processes an update takes ${timesAlone(row, "Flockwork")} times the processor time that one alone needs (tables), where SQLite takes ${timesAlone(row, row.baselineName ?? "")} times its own: each reads and parses what another one wrote, after a lock that is handed over in turn${unfairness(row)}`,
  },
  {
    ...peers,
    row: /^update of a 10 KB document, disk, one process: throughput, beside the best peer$/,
    rests: [besideBareCalls],
    columns: ["throughput"],
    told: "SQLite, NORMAL",
    limit: (row, bare) =>
      bare === undefined
        ? "it overwrites pages of a log that is there, and syncs once; ours replaces the file, with two syncs"
        : `the bare calls that replace a file make ${Math.round(1e6 / (bare.baseline ?? Number.NaN)).toLocaleString("en-US")} a second (row "${one}" beside them), SQLite ${Math.round(row.baseline ?? Number.NaN).toLocaleString("en-US")}: it overwrites pages of a log that is there, and syncs once. Of the rest, ${ours(bare)}`,
  },
  {
    ...peers,
    row: /^update of a 10 KB document, (disk|os), one process: throughput, beside the best that promises less$/,
    columns: ["p50", "p99", "processor time"],
    told: "beside replacement without a lock",
    limit: (row) =>
      `in the middle ours takes ${both(row, "p50", "us")} (table, p50), with ${both(row, "processor time", "us")} of processor time, its lock included; its slowest updates take longer (p99, ${both(row, "p99", "us")}), which is not explained${row.durability.startsWith("disk") ? " further than that the directory is synced as well" : ""}`,
  },
  {
    ...peers,
    row: /^update of a 10 KB document, os, one process: throughput, beside the best peer$/,
    columns: ["throughput"],
    told: "SQLite, NORMAL",
    limit: (row) =>
      `whoever replaces the file makes a new one and renames it: steno, which does so without a lock, makes ${figure(row.cell("steno", "throughput"))} updates a second, a plain write into the file that is there ${figure(row.cell("plain fs", "throughput"))}, and SQLite ${figure(row.baseline ?? NaN)} (table)`,
  },
  {
    ...peers,
    row: /^update of a 1 MB document, (disk|os), one process: throughput, beside the best peer$/,
    columns: ["p50", "p99", "processor time"],
    told: "of 1 MB",
    // Where the middle is no better, it is not the slowest ones alone.
    limit: (row) =>
      row.cell("Flockwork", "p50") < row.cell(row.baselineName ?? "", "p50")
        ? `in the middle ours is the faster one (table, p50, ${both(row, "p50", "us")}), with ${both(row, "processor time", "us")} of processor time; its slowest updates are slower (p99, ${both(row, "p99", "us")}), which is not explained further than that all of the new file goes to the disk at its \`rename\`, or its fsync`
        : `not explained: p50 ${both(row, "p50", "us")}, p99 ${both(row, "p99", "us")} (table); ${spreads(row)}`,
  },
  {
    ...peers,
    row: /^update of a (10 KB|1 MB) document, (disk|os), 8 processes: throughput, beside the best that promises less$/,
    columns: ["processor time"],
    told: "with eight processes",
    limit: (row) => `not explained: ${both(row, "processor time", "us")} of processor time; ${spreads(row)}`,
  },
];
