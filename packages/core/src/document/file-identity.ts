import { monotonicMs } from "../lock/clock.ts";
import type { files } from "../platform/file-system.ts";

/** What a stat tells. */
export type FileStats = NonNullable<ReturnType<typeof files.statSync>>;

/**
 * Milliseconds an identity must have been seen for before it proves anything: longer than the clock tick that stamps files.
 * Until then a second change could leave the same stamps (git's racy-index rule). Measured on the monotonic clock from when
 * we first saw it, so no jump of a wall clock matters.
 */
const stampTickMs = 20;
/** The same where stamps are whole seconds: on file systems that keep no more, or two-second steps. */
const coarseTickMs = 2_100;
const second = 1_000_000_000n;

/** Whether both are one file with one content, as far as its stamps tell. */
export function sameIdentity(a: FileStats, b: FileStats): boolean {
  return (
    a.ino === b.ino &&
    a.ctimeNs === b.ctimeNs &&
    a.mtimeNs === b.mtimeNs &&
    a.size === b.size &&
    a.dev === b.dev &&
    a.birthtimeNs === b.birthtimeNs
  );
}

/** When an identity was first seen, and so from when on content read under it stays true while it lasts. */
export class SeenIdentity {
  readonly stats: FileStats;
  readonly #provesFrom: number;

  constructor(stats: FileStats) {
    const isCoarse = stats.ctimeNs % second === 0n && stats.mtimeNs % second === 0n;
    this.stats = stats;
    this.#provesFrom = monotonicMs() + (isCoarse ? coarseTickMs : stampTickMs);
  }

  /** Whether content whose reading began at `readFrom` (monotonic) can only have changed together with the stamps. */
  proves(readFrom: number): boolean {
    return readFrom >= this.#provesFrom;
  }
}
