/** What stops the rows of locks beside other packages. */
import type { Limit, Missed } from "../../limit.ts";
import { both, spreads } from "../../limit-words.ts";
import { withUnit } from "../../measure/figure.ts";

const peers = { family: "lock", heading: "Beside the fastest others" } as const;

const processorTime = (row: Missed): string =>
  `ours: an operation takes ${both(row, "processor time an operation", "us")} of processor time (table): four system calls for two where the lock is free; where it is not, two tries with two looks each before a thread is started that waits, where the bare binding tries once, or goes to its thread at once, and looks at nothing. The second try, a turn of the event loop later, is kept: where sections are short it saves threads`;

/** Of another one of ours than the first, which no table is named after. */
const ownTime = (row: Missed, own: string): string => {
  const of = (contender: string): string =>
    withUnit(row.cell(contender, "processor time", "uncontended, lock and unlock"), "us");
  return `${of(own)} beside ${of(row.baselineName ?? "")}`;
};

const handedOver = "ours is handed over in turn, which wakes a process each time";

export const peerLimits: readonly Limit[] = [
  {
    ...peers,
    row: /^uncontended, lock and unlock: latency, beside the best that promises less$/,
    columns: ["processor time"],
    told: "alone, beside bare bindings",
    limit: (row) =>
      `ours: ${both(row, "processor time", "us")} of processor time, with four system calls for two (the looks whether the lock file is still that of the path, and the file no link), and two fifths of it are JavaScript (profile): turns among callers, the asynchronous context`,
  },
  {
    ...peers,
    row: /^uncontended, lock and unlock, Flockwork, sync: latency, beside the best that promises less$/,
    told: "alone, beside bare bindings",
    limit: (row) =>
      `ours: ${ownTime(row, "Flockwork, sync")} of processor time, with four system calls for two (the looks whether the lock file is still that of the path, and the file no link); the rest is JavaScript, the queue's and the handle's books and two readings of the clock`,
  },
  {
    ...peers,
    row: /^uncontended, lock and unlock, Flockwork, read lock: latency, beside the best that promises less$/,
    told: "alone, beside bare bindings",
    limit: (row) =>
      `ours: ${ownTime(row, "Flockwork, read lock")} of processor time, with seven system calls for two: a reader goes through a gate, a second file, so that no reader passes a writer who waits, and looks at it, at the lock file and at the file as a writer does. The binding beside it takes the lock alone, exclusively`,
  },
  {
    ...peers,
    row: / 1 ms holds: throughput, beside the best that promises less$/,
    baseline: /^fs-native-extensions/,
    columns: ["p50 wait"],
    told: "takes back",
    // Who takes back what it has just let go does not wait for it.
    limit: (row) =>
      row.cell(row.baselineName ?? "", "p50 wait") < 1
        ? `it takes back the lock that it has just let go, and the others come when their thread happens to find it free (p50 wait, ${both(row, "p50 wait", "ms")}); ${handedOver}`
        : undefined,
  },
  {
    ...peers,
    row: / 1 ms holds: throughput, beside the best that promises less$/,
    columns: ["processor time an operation"],
    told: "handed over in turn",
    limit: (row) =>
      `not explained: most of a turn is the section, and ${handedOver}; ${both(row, "processor time an operation", "us")} of processor time an operation (table), ${spreads(row)}`,
  },
  {
    ...peers,
    row: / holds: (throughput|processor time an operation), beside the best that promises less$/,
    columns: ["processor time an operation"],
    told: "two tries",
    limit: processorTime,
  },
  {
    ...peers,
    row: / 0 ms holds: (worst|p99) wait, beside the best/,
    columns: ["p50 wait", "throughput"],
    told: "empty sections",
    limit: (row) =>
      `ours: with empty sections whoever has a processor gets in ${withUnit(row.cell("Flockwork", "p50 wait"), "ms")} after it asked (p50 wait), and the others wait until theirs finds the lock free: a trace of two processes has 36 of 47 ms of the longest wait inside the kernel's \`flock\`. ${both(row, "throughput", "ops/s")} is what was done meanwhile (throughput); ${spreads(row)}`,
  },
  {
    ...peers,
    row: / 1 ms holds: (worst|p99) wait, beside the best/,
    columns: ["p50 wait", "p99 wait"],
    told: "late turn",
    limit: (row) =>
      `ours: a turn that comes late makes all wait that are behind it (p99 wait, ${both(row, "p99 wait", "ms")}; p50, ${both(row, "p50 wait", "ms")}). Why it did is not explained: ${spreads(row)}`,
  },
  {
    ...peers,
    row: / 1 ms holds: (throughput|processor time an operation), beside the best peer$/,
    columns: ["p50 wait", "p99 wait"],
    told: "which poll",
    limit: (row) =>
      `it polls: whoever has just let go mostly gets in again before another one looks (p50 wait, ${both(row, "p50 wait", "ms")}; p99, ${both(row, "p99 wait", "ms")}); ${handedOver}`,
  },
  {
    ...peers,
    row: / holds: Jain, beside the best/,
    columns: ["p50 wait"],
    told: "empty sections",
    limit: (row) =>
      `not explained: with empty sections whoever has just let go gets in again ${withUnit(row.cell("Flockwork", "p50 wait"), "ms")} after it asked (p50 wait), and nothing tells how the processors were shared; ${spreads(row)}`,
  },
  {
    ...peers,
    heading: "Where the time of a wait goes",
    row: /^a process that waits for the lock: processor time, beside/,
    told: "ever more seldom",
    limit:
      "ours: looks whether readers wait, which no other one does, ever more seldom: five in the first second, and after four seconds one",
  },
];
