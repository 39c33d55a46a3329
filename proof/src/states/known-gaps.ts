/** What is known to go wrong, before the acknowledgement only. Counted apart, by name, and never silently. */
import type { CrashState } from "./crash-states.ts";
import type { Operation } from "./operations.ts";
import type { NameOrder } from "./torn-names.ts";

export interface Gap {
  readonly name: string;
  readonly why: string;
  covers(state: CrashState, operation: Operation, order: NameOrder): boolean;
}

const recordName = /(?:^|\/)\.[0-9a-f]{32}\.intent$/;

export const knownGaps: readonly Gap[] = [
  {
    name: "names_out_of_order",
    why: "the record of a transact reached the disk before the links and the staged names beside it, or a removal before it did not: names of one directory are taken to keep their order until it is synced, as ext4 and XFS keep it",
    covers: ({ entries }, _operation, order) =>
      order === "any" && entries.some(({ path }) => recordName.test(path)),
  },
  {
    name: "tail_not_cut",
    why: "a torn tail was copied and cut off, and the next record written over it, before the cut was durable: sectors of both may stand side by side",
    covers: ({ entries }) => entries.some(({ path }) => path.includes(".torn-")),
  },
];
