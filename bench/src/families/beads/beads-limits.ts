/** What stops the rows of issues that miss their goal. */
import { goalOf, type Limit, type RowName } from "../../limit.ts";
import { inUs, spreads, times, usEach } from "../../limit-words.ts";
import { figure } from "../../measure/figure.ts";
import { agentMemory, coreLog, issueAppends } from "./row-names.ts";

const issues = { family: "beads", heading: "The issue log" } as const;

function appends(callers: number, baseline: string): Limit {
  const name = issueAppends(callers);
  const shared: RowName = { name: issueAppends(32), baseline };
  return {
    ...issues,
    row: new RegExp(`^${name}$`),
    baseline: new RegExp(`^${baseline.replaceAll("+", "\\+")}$`),
    rests: [{ name: `${name}, without any lock`, baseline }, shared],
    told: "without any lock",
    limit: (row, unlocked, together) => {
      if (unlocked === undefined || together === undefined) return undefined;
      const those = `without any lock the same append makes ${figure(unlocked.ratio ?? NaN)} times the baseline in the same rounds (row "${unlocked.name}")`;
      // Each of those lines is synced by itself: no ceiling for callers who share syncs.
      if (callers > 1) return `not explained: ${those}, each line synced by itself; ${spreads(row)}`;
      if ((unlocked.ratio ?? NaN) < goalOf(row)) return `${those}, which is less than the goal`;
      return `${those}. A line of ours takes ${inUs(usEach(row.ours))}, for each of which a lock is handed from process to process: where 32 callers share a hold, it is ${inUs(usEach(together.ours))} (row "${together.name}")`;
    },
  };
}

export const beadsLimits: readonly Limit[] = [
  {
    ...issues,
    row: /^cold open/,
    rests: [{ name: coreLog }],
    told: "checks UTF-8 and depth",
    limit: (_row, log) =>
      log === undefined
        ? undefined
        : `core's log alone takes ${times(log.ratio ?? NaN)} times the baseline (row "${log.name}"): it reads in pieces, and checks UTF-8 and depth before it parses`,
  },
  {
    ...issues,
    row: new RegExp(`^${agentMemory.resident.replaceAll(/[()]/g, "\\$&")}`),
    rests: [{ name: agentMemory.inUse }, { name: agentMemory.young }],
    told: "V8's young generation has 3,",
    limit: (row, inUse, young) => {
      const [live, room] = [inUse?.ours ?? NaN, young?.ours ?? NaN];
      const rest = (row.ours ?? NaN) - live - room;
      if (Number.isNaN(rest)) return undefined;
      return `${figure(live)} of it are in use (row "${agentMemory.inUse}"), and V8's young generation has ${figure(room)}, full or empty (row "${agentMemory.young}"). The other ${figure(rest)} are room in V8's old generation, and buffers that are not collected yet`;
    },
  },
  ...["proper-lockfile + append + fsync", "proper-lockfile + append"].flatMap((baseline) => [
    appends(1, baseline),
    appends(32, baseline),
  ]),
];
