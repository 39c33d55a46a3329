/** What stops the rows of locks that readers share. */
import { both, spreads } from "../../limit-words.ts";
import type { Limit } from "../../limit.ts";

const readers = { family: "lock", heading: "Beside the fastest others" } as const;

export const readerLimits: readonly Limit[] = [
  {
    ...readers,
    row: /^\d+ readers, \d ms holds: (throughput|processor time an operation), beside/,
    columns: ["processor time an operation"],
    told: "seven calls",
    limit: (row) =>
      `ours: seven system calls for two, three of them at the gate that lets writers in, and JavaScript between them: ${both(row, "processor time an operation", "us")} of processor time`,
  },
  {
    ...readers,
    row: /^\d+ readers, \d ms holds: (p99|worst) wait, beside/,
    columns: ["p50 wait"],
    told: "seven calls",
    limit: (row) =>
      `not explained: where nobody writes nothing keeps a reader out, and it waits for its calls and for a processor (p50 ${both(row, "p50 wait", "ms")}); ${spreads(row)}`,
  },
  {
    ...readers,
    row: /^7 readers beside a writer, .* of the readers, beside/,
    columns: ["throughput of the writer"],
    told: "keeps new readers out",
    limit: (row) =>
      `ours, by choice: a writer that waits keeps new readers out until it is in, and so gets in as often as this: ${both(row, "throughput of the writer", "ops/s")}`,
  },
];
