/** T13: many locks, many waiters, few descriptors. Every refusal is a typed error, and nothing is left over. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { existsSync } from "node:fs";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import type { Exhausted } from "./exhaustion-program.ts";

export interface ExhaustionSize {
  /** Locks of as many files, one after the other. */
  readonly locks: number;
  /** Calls that wait for one lock at the same time. */
  readonly waiters: number;
  /** Locks at once, of a process that may have 64 descriptors. */
  readonly beyondDescriptors: number;
}

export const exhaustionSizes: Readonly<Record<"short" | "long", ExhaustionSize>> = {
  short: { locks: 5_000, waiters: 3_000, beyondDescriptors: 200 },
  long: { locks: 100_000, waiters: 10_000, beyondDescriptors: 1_000 },
};

const program = new URL("exhaustion-program.ts", import.meta.url);
const descriptorLimit = 64;

export async function exhaustion({ tally }: PartContext, size: ExhaustionSize): Promise<void> {
  const { locks, waiters, beyondDescriptors } = size;
  tally.count("locks", 0);
  tally.highest("waiters", 0);
  if (!existsSync("/proc/self/fd"))
    return tally.skip("T13: exhaustion", "descriptors are counted in /proc", 4);
  await tally.check(`T13: ${locks} locks of as many files leave nothing behind`, async () => {
    const found = await exhausted("locks", locks);
    tally.count("locks", found.granted);
    equal(found.granted, locks);
    flat(found);
  });
  const all = Math.ceil(waiters / 3) * 3;
  for (const maxDescriptors of [undefined, descriptorLimit]) {
    const limited = maxDescriptors === undefined ? "" : `, with ${maxDescriptors} descriptors`;
    await tally.check(`T13: ${all} calls wait for one lock${limited}`, async () => {
      const found = await exhausted("waiters", all, maxDescriptors);
      tally.highest("waiters", endedOf(found));
      equal(found.granted, all / 3);
      deepEqual(found.refused, { ERR_LOCK_TIMEOUT: all / 3, aborted: all / 3 });
      const { before, meanwhile } = found;
      ok(
        meanwhile.descriptors <= before.descriptors + 4,
        `${meanwhile.descriptors} descriptors while they wait`,
      );
      flat(found);
    });
  }
  await tally.check(
    `T13, P14: ${beyondDescriptors} locks at once, with ${descriptorLimit} descriptors`,
    async () => {
      const { granted, refused, before, after } = await exhausted(
        "descriptors",
        beyondDescriptors,
        descriptorLimit,
      );
      const { "ERR_LOCK_FAILED EMFILE": failed = 0, ...others } = refused;
      deepEqual(others, {});
      equal(granted + failed, 2 * beyondDescriptors);
      ok(granted > descriptorLimit / 4 && failed > 0, `${granted} granted, ${failed} refused`);
      equal(after.descriptors, before.descriptors, "descriptors left over");
    },
  );
}

async function exhausted(what: string, many: number, maxDescriptors?: number): Promise<Exhausted> {
  return await withTemporaryDirectory(async (directory) => {
    const limit = maxDescriptors === undefined ? {} : { maxDescriptors };
    const child = Program.node(program, [what, directory, String(many)], {
      nodeFlags: ["--expose-gc"],
      ...limit,
    });
    const found = JSON.parse(await child.line()) as Exhausted;
    await child.finish();
    return found;
  });
}

/** Calls that came to an end: so many waited. */
function endedOf({ granted, refused }: Exhausted): number {
  return Object.values(refused).reduce((sum, count) => sum + count, granted);
}

/** No more than a twentieth over what it was, where that is more than a measurement sways by itself. */
function flat({ before, after }: Exhausted): void {
  ok(
    after.descriptors <= before.descriptors,
    `${before.descriptors} descriptors before, ${after.descriptors} after`,
  );
  const most = before.heapBytes * 1.05 + 256 * 1024;
  ok(after.heapBytes <= most, `a heap of ${before.heapBytes} bytes before, ${after.heapBytes} after`);
}
