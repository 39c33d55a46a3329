/** What can be measured. */
import type { Group } from "../measure/bench-context.ts";
import { reading, updating } from "./beads/beads.ts";
import { compacting } from "./beads/compactions.ts";
import { appending } from "./beads/issue-appends.ts";
import { longLines } from "./beads/long-lines.ts";
import { documentPeers } from "./document/document-peers.ts";
import { reads, updates } from "./document/documents.ts";
import { moreProcesses } from "./growth/crowds.ts";
import { footprints } from "./growth/footprints.ts";
import { longerHistory } from "./growth/histories.ts";
import { installs } from "./growth/installs.ts";
import { fileSizes, issueSizes, memorySizes } from "./growth/sizes.ts";
import { starts } from "./growth/starts.ts";
import { fleet } from "./lock/fleet.ts";
import { fleetPeers } from "./lock/fleet-peers.ts";
import { localCallers } from "./lock/local-callers.ts";
import { mixedFleet } from "./lock/mixed-fleet.ts";
import { readerFleets } from "./lock/reader-fleets.ts";
import { readers } from "./lock/readers.ts";
import { threads } from "./lock/threads.ts";
import { uncontended } from "./lock/uncontended.ts";
import { uncontendedPeers } from "./lock/uncontended-peers.ts";
import { waitingPeers } from "./lock/waiting-peers.ts";
import { waits } from "./lock/waits.ts";
import { callers, processes } from "./log/appends.ts";
import { logPeers } from "./log/log-peers.ts";
import { jobCosts } from "./queue/costs.ts";
import { jobPeers } from "./queue/job-peers.ts";
import { jobCallers, jobLengths, jobProcesses, jobStarts } from "./queue/queues.ts";
import { todo2Claims } from "./tasks/claims.ts";
import { jitIssues } from "./tasks/jit.ts";
import { taskFile, taskFleet } from "./tasks/tasks.ts";
import { timeJournal, timeReport, yearOfTime } from "./time/times.ts";
import { commits } from "./transact/commits.ts";
import { gets, heartbeats, mixedWrites, original, writes } from "./registry/registry.ts";

export const families: ReadonlyMap<string, readonly Group[]> = new Map([
  [
    "lock",
    [
      uncontended,
      localCallers,
      fleet,
      mixedFleet,
      readers,
      waits,
      threads,
      uncontendedPeers,
      fleetPeers,
      readerFleets,
      waitingPeers,
    ],
  ],
  ["document", [updates, reads, documentPeers]],
  ["log", [callers, processes, logPeers]],
  ["tasks", [taskFile, taskFleet, todo2Claims, jitIssues]],
  ["queue", [jobProcesses, jobCosts, jobCallers, jobStarts, jobLengths, jobPeers]],
  ["time", [yearOfTime, timeJournal, timeReport]],
  ["transact", [commits]],
  ["registry", [gets, heartbeats, writes, original, mixedWrites]],
  [
    "growth",
    [fileSizes, memorySizes, issueSizes, moreProcesses, longerHistory, starts, footprints, installs],
  ],
  ["beads", [reading, updating, compacting, appending, longLines]],
]);
