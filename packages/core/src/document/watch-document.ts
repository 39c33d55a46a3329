import { basename, dirname } from "node:path";
import { DocumentCorruptError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { resolveTarget } from "../lock/resolve-target.ts";
import { checkDuration, checkOptions, checkSignal, longestTimerMs } from "../options.ts";
import { files } from "../platform/file-system.ts";
import type { DocumentSnapshot } from "./json-document.ts";

/** How a document is watched. */
export interface WatchOptions {
  /** Ends the watch without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between looks that do not rely on the system's notices. Default 1 000. */
  readonly pollMs?: number | undefined;
}

const defaultPollMs = 1_000;
/** Looks at a damaged file, a poll apart, before it counts as damaged: a neighbour may be writing it in place. */
const damagedLooks = 3;

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function checkWatchOptions(options: WatchOptions): void {
  checkOptions(options);
  checkSignal(options.signal);
  if (options.pollMs !== undefined && checkDuration("pollMs", options.pollMs) < 1)
    throw new RangeError(`pollMs must be at least 1 millisecond, got ${options.pollMs}`);
}

/** Yields what `read` gives, at once and whenever the revision is another one. */
export async function* watchDocument<T>(
  path: string,
  read: () => Promise<DocumentSnapshot<T>>,
  options: WatchOptions,
): AsyncGenerator<DocumentSnapshot<T>, void, undefined> {
  const { signal, pollMs = defaultPollMs } = options;
  if (isAborted(signal)) return;
  const notices = new ChangeNotices(path, pollMs, signal);
  try {
    let lastRevision: string | undefined;
    let damaged = 0;
    while (!isAborted(signal)) {
      // Forgotten before the look, so that what changes during it brings another look.
      notices.forget();
      let snapshot: DocumentSnapshot<T> | undefined;
      try {
        snapshot = await read();
        damaged = 0;
      } catch (error) {
        if (error instanceof DocumentCorruptError) damaged += 1;
        else if (osCodeOf(error) !== "ENOENT") throw error;
        if (damaged >= damagedLooks) throw error;
      }
      if (snapshot !== undefined && snapshot.revision !== lastRevision && !isAborted(signal)) {
        lastRevision = snapshot.revision;
        yield snapshot;
      } else await notices.next(damaged > 0);
    }
  } finally {
    notices.close();
  }
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Tells when a file may have changed: by the system's notices, by the clock, and once at the end. */
class ChangeNotices {
  readonly #watcher: ReturnType<typeof files.watch> | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  /** At once, and not when the iteration is asked for more: that may never be. */
  readonly #onAbort = (): void => {
    this.close();
    this.#notice(true);
  };
  #noticed = false;
  #wake: ((byClock: boolean) => void) | undefined;

  constructor(path: string, pollMs: number, signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#watcher = watchDirectory(path, () => this.#notice(false));
    this.#timer = setInterval(() => this.#notice(true), Math.min(pollMs, longestTimerMs));
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  forget(): void {
    this.#noticed = false;
  }

  /** Resolves at the next notice; or only at the next tick of the clock. */
  async next(onlyClock: boolean): Promise<void> {
    if (this.#noticed && !onlyClock) return;
    await new Promise<void>((resolve) => {
      this.#wake = (byClock) => {
        if (byClock || !onlyClock) resolve();
      };
    });
    this.#wake = undefined;
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  #notice(byClock: boolean): void {
    this.#noticed = true;
    this.#wake?.(byClock);
  }
}

/** Undefined where the system has no watch to give: then the clock does alone. */
function watchDirectory(path: string, onChange: () => void): ReturnType<typeof files.watch> | undefined {
  try {
    const target = resolveTarget(path);
    const name = basename(target);
    const watcher = files.watch(dirname(target), (_event, changed) => {
      if (changed === null || changed === name) onChange();
    });
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}
