/** What stops the writes of machines. */
import { baselineOf, inUs, oursOf } from "../../limit-words.ts";
import type { Limit, RowName } from "../../limit.ts";

const machines = { family: "registry", heading: "Where the time of a machine's write goes" } as const;
const offThread: RowName = { name: "the least of a write, fsyncs off the thread, median latency" };

export const registryLimits: readonly Limit[] = [
  {
    ...machines,
    row: /^write of a machine/,
    baseline: /fsync/,
    rests: [offThread],
    told: "sixteen system calls more",
    limit: (row, bare) =>
      bare === undefined
        ? undefined
        : `the bare calls take ${baselineOf(bare)}, and ${oursOf(bare)} where their fsyncs are off the thread as ours are (row "${bare.name}"). What ours has beyond that, ${inUs((row.ours ?? NaN) - (bare.ours ?? NaN))}, is some 0.4 ms of JavaScript (profile) and sixteen system calls more (trace)`,
  },
  {
    ...machines,
    row: /^write of a machine/,
    rests: [{ name: "write of a machine, median latency", baseline: "Gas Town's protocol in Go" }],
    told: "| `rename` over the file",
    limit: (_row, original) =>
      original === undefined
        ? undefined
        : `65 % of it is \`rename\` over the file (profile), where ext4 hands the new content to the disk: Gas Town's protocol in Go, which renames too, takes ${baselineOf(original)} in the same rounds where ours takes ${oursOf(original)}`,
  },
];
