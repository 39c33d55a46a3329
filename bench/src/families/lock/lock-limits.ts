/** What stops the rows of locks that miss their goal, but for those beside other packages. */
import { baselineRatio, goalOf, type Limit, type RowName } from "../../limit.ts";
import { baselineOf, oursOf, spreads, times, usEach } from "../../limit-words.ts";
import type { Row } from "../../measure/row.ts";
import { peerLimits } from "./peer-limits.ts";
import { readerLimits } from "./reader-limits.ts";

const lock = { family: "lock", heading: "Where the time of a lock goes" } as const;
const waiting = { family: "lock", heading: "Where the time of a wait goes" } as const;

const eight = "8 processes, 1 ms section, 1 ms think: throughput";
const besideC: RowName = { name: eight, baseline: "C flock" };
const besideFloor: RowName = { name: eight, baseline: "Node on the addon's thread alone" };
const p99BesideC: RowName = {
  name: "8 processes, 1 ms section, 1 ms think: p99 wait",
  baseline: "C flock",
};

const perCall = (perSecond: number | null): string => usEach(perSecond).toFixed(2);

/** What a turn of ours takes longer than one of Node that does nothing but wait. */
function ours(floor: Row): string {
  const turn = 1000 / (floor.ours ?? Number.NaN);
  const more = turn - 1000 / (floor.baseline ?? Number.NaN);
  return `ours: ${more.toFixed(2)} of the ${turn.toFixed(2)} ms of a turn are more than Node takes that only waits (row "${eight}" beside it); not mended, because the trace shows no single cause: 32 system calls for 24, and code that runs once in ten milliseconds`;
}

const uncontended: readonly Limit[] = [
  {
    ...lock,
    row: /^uncontended withWriteLock$/,
    limit:
      "ours: two fifths of the cycle are JavaScript, a tenth of it the asynchronous context that finds a lock inside itself; the rest are the four system calls, in two crossings into the addon. Not mended, because no other function has more than a twentieth",
    told: "AsyncLocalStorage.run",
  },
  {
    ...lock,
    row: /^uncontended withWriteLockSync/,
    limit:
      "ours: a third of the cycle is JavaScript, the queue's and the handle's books and two readings of the clock; the rest are the four system calls, in two crossings into the addon. Not mended, because no function has more than a fifteenth",
    told: "withWriteLockSync",
  },
  {
    ...lock,
    row: /^uncontended withWriteLock, no descriptor cache/,
    limit:
      "ours: seven system calls for C's five (a second look at the data file, and an unlock before the close), in two crossings into the addon, are two thirds of it, JavaScript a third",
    told: "no descriptor cache",
  },
  {
    ...lock,
    row: /^1000 callers in one process, one kernel grant each/,
    rests: [{ name: "uncontended withWriteLock", baseline: "C open+flock+fstat+stat+close" }],
    told: "47 % of the samples",
    limit: (row, c) =>
      `the goal leaves ${perCall(goalOf(row))} us a caller, and each grant of ours makes four system calls${c === undefined ? "" : `, where C's cycle of five alone takes ${(c.baseline ?? Number.NaN).toFixed(2)} (row "${c.name}")`}. Ours takes ${perCall(row.ours)}, a third of it core's JavaScript`,
  },
  {
    ...lock,
    row: /^1000 callers in one process, cohorts/,
    told: "bare queue of promises",
    limit: (row) =>
      `ours: ${perCall(row.ours)} us a caller where the goal leaves ${perCall(goalOf(row))}, of which a bare queue of promises in an asynchronous context takes 0.4 to 0.6; half is core's JavaScript. Not mended, because no function has more than an eighth`,
  },
];

const fleets: readonly Limit[] = [
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: throughput$/,
    baseline: /^C flock$/,
    rests: [besideC, besideFloor],
    told: "woken twice",
    limit: (row, c, floor) => {
      if (c === undefined || floor === undefined) return undefined;
      const node = baselineRatio(floor, c);
      return node < goalOf(row)
        ? `Node that only waits has ${times(node)} of C in the same rounds (row "${eight}" beside it), which is less than the goal: it is woken twice for each hand-over, C once. Of the rest, ${ours(floor)}`
        : `Node that only waits has ${times(node)} of C in the same rounds: ${ours(floor)}`;
    },
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: throughput$/,
    baseline: /^Node on/,
    limit: (row) => ours(row),
    told: "32 system calls",
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: throughput$/,
    baseline: /^proper-lockfile/,
    rests: [besideC, besideFloor],
    told: "32 system calls",
    limit: (row, c, floor) => {
      if (c === undefined || floor === undefined) return undefined;
      const [fastest, node] = [baselineRatio(c, row), baselineRatio(floor, row)];
      const those = `C has ${times(fastest)} and Node that only waits ${times(node)} times its throughput in the same rounds (rows "${eight}" beside them)`;
      if (fastest < goalOf(row)) return `${those}: the millisecond in the section is most of a turn`;
      return node < goalOf(row) ? `${those}, which is woken twice` : `${those}; ${ours(floor)}`;
    },
  },
  {
    ...lock,
    row: /^8 processes, 1 ms section, 1 ms think: (p99|worst) wait$/,
    baseline: /^proper-lockfile/,
    rests: [besideFloor, p99BesideC],
    told: "eight turns",
    limit: (row, floor, c) => {
      if (c === undefined || floor === undefined) return undefined;
      const turns = 8000 / (floor.ours ?? Number.NaN);
      const left = (row.baseline ?? Number.NaN) / goalOf(row);
      return `eight turns of a strict queue are ${turns.toPrecision(3)} ms at this throughput (row "${eight}"), and the goal leaves ${left.toPrecision(3)}: ours takes ${oursOf(row)}, by turns that came late. Why they did is not explained: ${spreads(row)}, and C's p99 is ${baselineOf(c)} (row "${p99BesideC.name}")`;
    },
  },
  {
    ...lock,
    row: /^(8|16) processes, 1 ms section, .*: (p99 wait|worst wait|fairness \(Jain\))$/,
    baseline: /^C flock$/,
    told: "came late",
    limit: (row) =>
      `ours: a turn that comes late makes all wait that are behind it. Why it did is not explained: C has ${baselineOf(row)} in the same rounds, and ${spreads(row)}`,
  },
  {
    ...lock,
    row: /no addon \(koffi\): throughput/,
    limit:
      "ours, by choice: without the addon a waiter tries again after 1, 2, 4 and 8 ms, and only then sits in the kernel's queue, through a child process that has to be started (`flock`)",
    told: "koffi",
  },
  {
    ...lock,
    row: /^4 beside 4 that block, no think: share/,
    rests: [{ name: "4 beside 4 that block, 1 ms think: share" }],
    told: "4 beside 4",
    limit: (_row, thinking) =>
      `a Go program asks again at once, ours when its event loop has been woken: with a millisecond between turns, which gives that time to all, ours has ${(thinking?.ours ?? Number.NaN).toPrecision(3)} % (row "4 beside 4 that block, 1 ms think: share")`,
  },
  {
    ...lock,
    row: /^4 beside 4 that block, .*: worst wait/,
    told: "4 beside 4",
    limit: (row) =>
      (row.baseline ?? 0) > goalOf(row)
        ? `not ours alone: in the middle of the rounds a program beside it that blocks in the kernel waited for ${baselineOf(row)}`
        : row.name.includes("koffi")
          ? `ours: without the addon it looks only now and then, and in the middle of the rounds no program that blocks in the kernel waited for more than ${baselineOf(row)}`
          : `not explained: in the middle of the rounds no program that blocks in the kernel waited for more than ${baselineOf(row)}; ${spreads(row)}`,
  },
];

/** The kernel lets go of a dead program's lock at the end of dismantling it. */
const dismantled = (row: Row): string =>
  `a C waiter after the same deaths takes ${baselineOf(row)} at p99: the kernel lets go of the lock only when it has taken the dead program apart, and then something has to run`;

const waits: readonly Limit[] = [
  {
    ...waiting,
    row: /^SIGKILL of a (C|Node) holder until the waiter is in: p99$/,
    told: "first grant",
    limit: (row) =>
      (row.baseline ?? 0) > goalOf(row)
        ? dismantled(row)
        : `ours: a C waiter after the same deaths takes ${baselineOf(row)} at p99. Each waiter of ours has done nothing before, and the first grant of a process runs code that was never run`,
  },
  {
    ...waiting,
    row: /^SIGKILL of a (C|Node) holder until the waiter is in: what ours adds$/,
    told: "first grant",
    limit: "ours: the first grant of a process runs code that was never run",
  },
  {
    ...waiting,
    row: /^process\.exit while waiting: p99$/,
    rests: [{ name: "process.exit while waiting", baseline: "not waiting" }],
    told: "process.exit",
    limit: (row, middle) =>
      middle === undefined
        ? undefined
        : `not explained: it is no delay that each exit has, for in the middle they differ by ${(middle.ratio ?? NaN).toFixed(1)} ms (row "${middle.name}"). Here the baseline takes ${baselineOf(row)}, and ${spreads(row)}`,
  },
  {
    ...waiting,
    row: /^process\.exit while waiting$/,
    told: "process.exit",
    limit:
      "ours: the thread that sits in the kernel's queue has to be woken by a signal before the process can end",
  },
  {
    ...waiting,
    row: /^processor time of a waiter$/,
    told: "ever more seldom",
    limit:
      "ours: looks whether readers wait, ever more seldom: five in the first second, and after four seconds one",
  },
];

export const lockLimits: readonly Limit[] = [
  ...uncontended,
  ...fleets,
  ...waits,
  ...readerLimits,
  ...peerLimits,
];
