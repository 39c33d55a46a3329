/** T12: nobody waits for ever. Sets of locks cannot deadlock (P13), and readers that overlap do not keep a writer out (P1, L6). */
import { equal, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { acquireLock } from "../harness/core.ts";
import type { PartContext } from "../harness/part.ts";
import { Program } from "../harness/program.ts";
import { withTemporaryDirectory } from "../harness/temporary-directory.ts";
import { counters, nameOf } from "./counters.ts";
import type { Locked } from "./locker.ts";

const locker = new URL("locker.ts", import.meta.url);
const reader = new URL("reader.ts", import.meta.url);
const readers = 8;
/**
 * Reads that may begin while a writer waits. Once it has closed the gate: one of each reader that had passed it by then. Before
 * that, as many as fit in the time until a busy machine lets the writer run, which no lock can bound: 64 of each take a third of a
 * second. (The 64 times of `priority` are another bound, of waiters within one process.)
 */
const mostPassed = 64 * readers;

export interface DeadlockSizes {
  /** Sets of files that are locked together, in all. */
  readonly sets: number;
  readonly writes: number;
}

export const deadlockSizes: Readonly<Record<"test" | "short" | "long", DeadlockSizes>> = {
  test: { sets: 200, writes: 5 },
  short: { sets: 2_000, writes: 40 },
  long: { sets: 10_000, writes: 400 },
};

export async function deadlock(context: PartContext): Promise<void> {
  const sizes = deadlockSizes[context.long ? "long" : "short"];
  await lockSets(context, sizes.sets);
  await writeBesideReaders(context, sizes.writes);
}

export async function lockSets({ tally, random }: PartContext, sets: number): Promise<void> {
  tally.count("sets", 0);
  const ways = ["async", "sync", "async", "transact"];
  await tally.check(`T12, P13: ${sets} random sets of locks, none in the order of another, all end`, () =>
    withTemporaryDirectory(async (directory) => {
      for (let at = 0; at < counters; at += 1) writeFileSync(join(directory, nameOf(at)), '{"count":0}');
      const programs = ways.map((way) =>
        Program.node(locker, [
          way,
          directory,
          String(sets / ways.length),
          String(random.between(0, 2 ** 31)),
        ]),
      );
      await Program.finishAll(programs);
      const done = await Promise.all(programs.map(async (each) => JSON.parse(await each.line()) as Locked));
      const locked = done.reduce((sum, each) => sum + each.sets, 0);
      tally.count("sets", locked);
      equal(locked, sets, "not every set was locked");
      const there = Array.from({ length: counters }, (_, at) =>
        readFileSync(join(directory, nameOf(at)), "utf8"),
      );
      equal(
        there.reduce((sum, text) => sum + (JSON.parse(text) as { count: number }).count, 0),
        done.reduce((sum, { added }) => sum + added, 0),
        "what was added under the locks is not there",
      );
    }),
  );
}

/** @param how - Of the readers: `ours`, or `bare` for flock(2) alone, which lets them pass. */
export async function writeBesideReaders(
  { tally }: PartContext,
  writes: number,
  how: "ours" | "bare" = "ours",
  timeoutMs: number = 60_000,
): Promise<void> {
  tally.count("writes_beside_readers", 0);
  await tally.check(
    `T12, P1, L6: a writer gets in beside ${readers} readers that overlap, ${writes} times`,
    () =>
      withTemporaryDirectory(async (directory) => {
        const path = join(directory, "data");
        const counts = Array.from({ length: readers }, (_, at) => join(directory, `reads-${at}`));
        const reads = (): number => counts.reduce((sum, each) => sum + Number(readFileSync(each, "utf8")), 0);
        const running = counts.map((each) => Program.node(reader, [how, path, each]));
        try {
          for (const each of running) await each.expect("ready");
          for (let write = 0; write < writes; write += 1) {
            const before = reads();
            const begunAt = performance.now();
            const lock = await acquireLock(path, "exclusive", { timeoutMs });
            const passed = reads() - before;
            await lock.release();
            tally.count("writes_beside_readers");
            tally.highest("most_passed", passed);
            tally.highest("max_ms_to_write", Math.ceil(performance.now() - begunAt));
            ok(passed <= mostPassed, `${passed} reads began while the writer waited`);
          }
          ok(reads() > writes, "nobody read");
          for (const each of running) each.endInput();
          await Program.finishAll(running);
        } finally {
          for (const each of running) each.kill();
        }
      }),
  );
}
