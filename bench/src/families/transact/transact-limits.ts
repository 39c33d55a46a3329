/** What stops a commit of several files. */
import { baselineOf, oursOf } from "../../limit-words.ts";
import type { Limit } from "../../limit.ts";

export const transactLimits: readonly Limit[] = [
  {
    family: "transact",
    heading: "Where the time of a commit of several files goes",
    row: /^durable commit/,
    told: "45 % of that time is in `rename`",
    limit: (row) =>
      `the syncs alone take ${baselineOf(row)} of the ${oursOf(row)}. Of a commit without them 45 % is in \`rename\` (profile), where ext4 hands the content to the disk`,
  },
];
