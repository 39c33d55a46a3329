/** What stops the rows of growth that miss their goal. */
import { goalOf, type Limit } from "../../limit.ts";
import { spreads } from "../../limit-words.ts";
import { figure } from "../../measure/figure.ts";
import type { Row } from "../../measure/row.ts";

const growth = { family: "growth", heading: "Where growth comes from" } as const;

const timesOf = ({ ratio }: Row): string => figure(ratio ?? Number.NaN);
const times = (row: Row): string => figure((row.ours ?? Number.NaN) / goalOf(row));

export const growthLimits: readonly Limit[] = [
  {
    ...growth,
    row: /^update of a document: processor time/,
    told: "JSON.stringify",
    limit: (row) =>
      `each MB costs ${timesOf(row)} times as much: by the profile \`JSON.stringify\` is two thirds of an update and more, and takes 2.7 times as long for a MB of 100 as for one alone; the collector takes 14 % of the time for 4`,
  },
  {
    ...growth,
    row: /^opening a log of issues: processor time/,
    told: "stay in memory",
    limit:
      "ours: all issues stay in memory. From 100 to 400 MB the collector's share goes from 13 to 22 %, and that of putting each issue into the map from 5 to 13 (profile), since both touch what no longer fits a cache; not mended",
  },
  {
    ...growth,
    row: /^processes on one .*: (processor time an operation|throughput) at 64 processes/,
    told: "sixty-four processes",
    limit: (row) =>
      `not explained yet: a hand-over wakes one process however many wait, and ours is ${timesOf(row)} all the same; ${spreads(row)}. Sixty-four Node processes on two processors also pay for turns that are none of a lock's (caches, threads), which no row of another program's here tells apart`,
  },
  {
    ...growth,
    row: /^appending to a log and reading it, entry by entry: memory added at 1 GB/,
    told: "the smallest",
    limit: (row) =>
      `not explained yet: ${timesOf(row)} times the memory for ten times the log, where none of it should stay`,
  },
  {
    ...growth,
    row: /^start of a program that imports: processor time/,
    told: "Node alone, the binding",
    limit:
      "ours: half a megabyte of code that Node compiles, on top of the flock binding. A report of more than 200 ms is of a build that made 221 files of it",
  },
  {
    ...growth,
    row: /^installing: time, from npm's cache/,
    told: "702 files",
    limit:
      "ours: core is 702 files (types, a map of them and the source, for each of 231), which npm unpacks one by one; asking the registry for @flockwork/flock, which is not published, is a quarter of a second of it. Not mended: declarations are a file of each source",
  },
  {
    ...growth,
    row: /^what importing @flockwork\/core loads/,
    told: "71 of core's own",
    limit: (row) =>
      `ours, given up on purpose: ${times(row)} times the budget, which the locks alone take more than. Every error says what to do, and every format of a neighbour is kept byte for byte; docs/sizes.md has the parts`,
  },
  {
    ...growth,
    row: /^what importing @flockwork\/\S+ loads/,
    told: "core comes with it",
    limit: (row) =>
      `ours, given up on purpose: ${times(row)} times the budget, most of it core, which alone is more and comes with it${row.name.includes("beads") ? "; and zod, which checks what bd wrote" : ""}. docs/sizes.md has the parts`,
  },
  {
    ...growth,
    row: /^the whole suite, installed, without the addon/,
    told: "zod alone is 6 MB",
    limit: (row) =>
      `ours, given up on purpose: ${times(row)} times the budget. zod alone is 6 MB; of ours three quarters are sources, declarations and maps, which lie beside the code so that editors and stack traces lead there (note)`,
  },
];
