/** What stops the rows of growth that miss their goal. */
import type { Limit } from "../../limit.ts";

const growth = { family: "growth", heading: "Where growth comes from" } as const;

export const growthLimits: readonly Limit[] = [
  {
    ...growth,
    row: /^update of a document: processor time/,
    told: "JSON.stringify",
    limit:
      "`JSON.stringify`, which is half of an update, takes 2.7 times as long for each MB of 100 as of 1, and the collector has four times the share",
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
];
