/**
 * Program: uses up what there is of locks, waiters or descriptors, and says what was left over. Arguments: what, directory, how
 * many. Run with `--expose-gc`.
 */
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import {
  acquireLock,
  acquireLockSync,
  closeIdleLocks,
  LockFailedError,
  LockTimeoutError,
  type FileLock,
} from "../harness/core.ts";

/** What is in use. */
export interface Usage {
  readonly descriptors: number;
  readonly heapBytes: number;
}

/** How many calls ended how, and what was in use before, at the worst moment and after. */
export interface Exhausted {
  readonly granted: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly before: Usage;
  readonly meanwhile: Usage;
  readonly after: Usage;
}

const [what = "", directory = "", count = "0"] = process.argv.slice(2);

const exhaust: Readonly<Record<string, (many: number) => Promise<Exhausted>>> = {
  locks,
  waiters,
  descriptors,
};

/** So many locks, each of another file, one after the other. */
async function locks(many: number): Promise<Exhausted> {
  const path = (at: number): string => {
    const folder = join(directory, String(Math.floor(at / 1_000)));
    if (at % 1_000 === 0) mkdirSync(folder);
    return join(folder, String(at));
  };
  let granted = 0;
  const cycle = async (from: number, to: number): Promise<Usage> => {
    for (let at = from; at < to; at += 1) {
      const lock =
        at % 2 === 0 ? await acquireLock(path(at), "exclusive") : acquireLockSync(path(at), "exclusive");
      granted += 1;
      await lock.release();
    }
    return usage();
  };
  await cycle(0, many / 4);
  const before = await cycle(many / 4, many / 2); // caches have had time to fill
  const meanwhile = await cycle(many / 2, (many / 4) * 3);
  const after = await cycle((many / 4) * 3, many);
  return { granted, refused: {}, before, meanwhile, after };
}

/** So many calls that wait for one lock: a third gives up by a signal, a third by its time, the others get it one by one. */
async function waiters(many: number): Promise<Exhausted> {
  await wave(many); // what the process keeps for good is there by now
  const before = usage();
  const outcome = await wave(many);
  return { ...outcome, before, after: usage() };
}

async function wave(many: number): Promise<Omit<Exhausted, "before" | "after">> {
  const path = join(directory, "one");
  const holder = await acquireLock(path, "exclusive");
  const abort = new AbortController();
  const tally = new Outcomes();
  let inside = 0;
  const calls = Array.from({ length: many }, async (_, at) => {
    const bound = [{ signal: abort.signal, timeoutMs: Infinity }, { timeoutMs: 5 }, { timeoutMs: Infinity }][
      at % 3
    ];
    const lock = await tally.of(acquireLock(path, at % 2 === 0 ? "exclusive" : "shared", bound));
    if (lock === undefined) return;
    inside += lock.mode === "exclusive" ? 1_000_000 : 1;
    if (inside > 1_000_000 || (lock.mode === "exclusive" && inside !== 1_000_000))
      throw new Error("not alone");
    await Promise.resolve();
    inside -= lock.mode === "exclusive" ? 1_000_000 : 1;
    await lock.release();
  });
  const meanwhile = usage();
  abort.abort(new Error("given up"));
  await Promise.all(calls.filter((_, at) => at % 3 !== 2));
  await holder.release();
  await Promise.all(calls);
  return { granted: tally.granted, refused: tally.refused, meanwhile };
}

/** More locks at once than the process has descriptors for, twice; then each of them by itself. */
async function descriptors(many: number): Promise<Exhausted> {
  const paths = Array.from({ length: many }, (_, at) => join(directory, String(at)));
  await (await acquireLock(join(directory, "first"), "exclusive")).release();
  closeIdleLocks();
  const before = usage();
  const tally = new Outcomes();
  let meanwhile = before;
  for (const _ of [1, 2]) {
    const held = await Promise.all(
      paths.map((path) => tally.of(acquireLock(path, "exclusive", { timeoutMs: 60_000 }))),
    );
    meanwhile = usageWithoutLooking();
    for (const lock of held) await lock?.release();
  }
  for (const path of paths) await (await acquireLock(path, "exclusive")).release();
  closeIdleLocks();
  return { granted: tally.granted, refused: tally.refused, before, meanwhile, after: usage() };
}

/** Counts how calls end. An error that is not typed is the program's. */
class Outcomes {
  granted = 0;
  readonly refused: Record<string, number> = {};

  async of(call: Promise<FileLock>): Promise<FileLock | undefined> {
    try {
      const lock = await call;
      this.granted += 1;
      return lock;
    } catch (error) {
      const name = nameOf(error);
      this.refused[name] = (this.refused[name] ?? 0) + 1;
      return undefined;
    }
  }
}

function nameOf(error: unknown): string {
  if (error instanceof LockTimeoutError) return error.code;
  if (error instanceof LockFailedError) return `${error.code} ${error.osCode}`;
  if (error instanceof Error && error.message === "given up") return "aborted";
  throw error;
}

function usage(): Usage {
  globalThis.gc?.();
  return { ...usageWithoutLooking(), descriptors: readdirSync("/proc/self/fd").length };
}

/** Where no descriptor is left to look with. */
function usageWithoutLooking(): Usage {
  return { descriptors: 0, heapBytes: getHeapStatistics().used_heap_size };
}

const run = exhaust[what];
if (run === undefined) throw new RangeError(`nothing is called ${what}`);
console.log(JSON.stringify(await run(Number(count))));
