/** What stops the rows of locks beside other packages. */
import type { Limit } from "../../limit.ts";

const peers = { family: "lock", heading: "Beside the fastest others" } as const;

/** fs-native-extensions tries before it waits, so that whoever has just let go gets in again. */
const takesItBack =
  "it takes back the lock that it has just let go (p50 wait), and the others come when their thread happens to find it free; ours hands it over in turn, which wakes a process each time";
const processorTime =
  "ours: an operation takes more processor time (table): four system calls for two where the lock is free; where it is not, two tries with two looks each before a thread is started that waits, where the bare binding tries once, or goes to its thread at once, and looks at nothing. The second try, a turn of the event loop later, is kept: where sections are short it saves threads";

export const peerLimits: readonly Limit[] = [
  {
    ...peers,
    row: /^uncontended, lock and unlock: latency, beside the best that promises less$/,
    columns: ["processor time"],
    told: "alone, beside bare bindings",
    limit:
      "ours: four system calls for two (the looks whether the lock file is still that of the path, and the file no link), and two fifths of it are JavaScript: turns among callers, the asynchronous context",
  },
  {
    ...peers,
    row: / 1 ms holds: throughput, beside the best that promises less$/,
    baseline: /^fs-native-extensions/,
    columns: ["p50 wait", "Jain"],
    told: "takes back",
    limit: takesItBack,
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
    columns: ["p50 wait", "worst wait", "throughput"],
    told: "empty sections",
    limit:
      "ours: with empty sections whoever has a processor gets in a few microseconds after it asked (p50 wait), and the others wait until theirs finds the lock free: a trace has 36 of 47 ms of the longest wait inside the kernel's `flock`. A binding that goes to a thread for each call gives its processor up each time, and does less (throughput)",
  },
  {
    ...peers,
    row: / 1 ms holds: (worst|p99) wait, beside the best that promises less$/,
    columns: ["processor time an operation", "p99 wait"],
    told: "two tries",
    limit: processorTime,
  },
  {
    ...peers,
    row: / 1 ms holds: (throughput|processor time an operation), beside the best peer$/,
    columns: ["p50 wait", "p99 wait"],
    told: "which poll",
    limit:
      "it polls: whoever has just let go mostly gets in again before another one looks (p50 wait); ours is handed over in turn, which wakes a process each time",
  },
  {
    ...peers,
    row: / 1 ms holds: (worst|p99) wait, beside the best peer$/,
    columns: ["p99 wait"],
    told: "late turn",
    limit:
      "ours: a turn that comes late makes all wait that are behind it; a polling one has no turns, and the worst of its waits is luck (spread)",
  },
  {
    ...peers,
    row: / holds: Jain, beside the best/,
    columns: ["Jain", "p50 wait"],
    told: "empty sections",
    limit:
      "ours: with empty sections whoever has a processor gets in again at once, and how often that is, the scheduler decides; with a millisecond in each section turns are strict, and what is left to 1 is who was first at the end",
  },
  {
    ...peers,
    heading: "Where the time of a wait goes",
    row: /^a process that waits for the lock: processor time, beside/,
    told: "ever more seldom",
    limit:
      "ours: looks whether readers wait, which no other one does, ever more seldom: eleven in the first second, and after four seconds one",
  },
];
