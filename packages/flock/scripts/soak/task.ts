import { closeSync, mkdirSync, openSync, rmdirSync } from "node:fs";
import { setImmediate, setTimeout } from "node:timers/promises";

import { type FlockBinding, type FlockWait, GrantCheck, type LockMode } from "../../src/index.ts";
import type { RandomSource } from "./random.ts";

/** How the cycles ended, and how often a witness found two owners. */
export interface SoakCounts {
  granted: number;
  cancelled: number;
  timedOut: number;
  busy: number;
  violations: number;
}

interface SoakTask {
  readonly flock: FlockBinding;
  readonly paths: readonly string[];
  readonly random: RandomSource;
  readonly counts: SoakCounts;
  /** False when the run has had enough. */
  readonly takeCycle: () => boolean;
}

/** One caller: takes random locks in random ways until the cycles are used up. */
export async function soakTask({ flock, paths, random, counts, takeCycle }: SoakTask): Promise<void> {
  while (takeCycle()) {
    const path = paths[random(paths.length)] ?? "";
    const mode: LockMode = random(3) === 0 ? "shared" : "exclusive";
    const fd = openSync(path, "a+");
    if (await attempt(flock, { fd, path }, mode, random, counts)) {
      counts.granted += 1;
      if (mode === "exclusive") await witnessed(path, random, counts);
      else if (random(2) === 0) await setImmediate();
      if (random(4) > 0) flock.unlock(fd);
    }
    closeSync(fd); // without the unlock, the lock ends here
  }
}

async function attempt(
  flock: FlockBinding,
  { fd, path }: { readonly fd: number; readonly path: string },
  mode: LockMode,
  random: RandomSource,
  counts: SoakCounts,
): Promise<boolean> {
  const kind = random(16);
  if (kind < 2) return tell(flock.tryLock(fd, mode), counts, "busy");
  if (kind === 2 && flock.waitSync !== undefined) {
    return tell(flock.waitSync(fd, mode, random(8) / 8), counts, "timedOut");
  }
  const wait = startWait(flock, fd, path, mode, random(2) === 0);
  if (kind === 3 && wait.cancelSync !== undefined) wait.cancelSync();
  else if (kind < 6) wait.cancel();
  else if (kind < 10) void setImmediate().then(() => wait.cancel());
  else if (kind < 13) void setTimeout(random(4)).then(() => wait.cancel());
  return tell(await wait.granted, counts, "cancelled");
}

type StartedWait = Pick<FlockWait, "granted" | "cancel" | "cancelSync">;

/** A wait, or one that checks its grant where there is such a thing: nobody replaces anything, so every grant is sound. */
function startWait(
  flock: FlockBinding,
  fd: number,
  path: string,
  mode: LockMode,
  checked: boolean,
): StartedWait {
  const prepared = checked ? flock.prepare(fd, path, "") : undefined;
  if (prepared?.wait === undefined) return flock.wait(fd, mode);
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const wait = prepared.wait(mode, (end) => {
    if (end === GrantCheck.ok || end === GrantCheck.busy) resolve(end === GrantCheck.ok);
    else reject(typeof end === "number" ? new Error(`a grant with the flaws ${end}`) : end);
  });
  return { granted: promise, cancel: () => wait.cancel(), cancelSync: () => wait.cancelSync() };
}

function tell(granted: boolean, counts: SoakCounts, otherwise: "busy" | "timedOut" | "cancelled"): boolean {
  if (!granted) counts[otherwise] += 1;
  return granted;
}

/** The critical section: a directory that only one owner at a time can make. */
async function witnessed(path: string, random: RandomSource, counts: SoakCounts): Promise<void> {
  const witness = `${path}.witness`;
  try {
    mkdirSync(witness);
    if (random(2) === 0) await setImmediate();
    rmdirSync(witness);
  } catch {
    counts.violations += 1;
  }
}
