import { basename, dirname } from "node:path";
import { resolveTarget } from "../lock/resolve-target.ts";
import { files } from "../platform/file-system.ts";
import { checkFunction, checkOptions, checkSignal } from "../options.ts";
import { type CursorRules, LogCursor } from "./log-cursor.ts";
import type { LogEntry } from "./log-entry.ts";

/** How a log is followed. */
export interface FollowOptions {
  /** Byte offset to begin at, such as an entry's `nextOffset`. Default 0: everything there is, then what comes. */
  readonly from?: number | undefined;
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Called when the file turned out to be rewritten, truncated or replaced: forget what was yielded; the entries that come
   * next begin at the beginning of the new file.
   */
  readonly onReset?: (() => void) | undefined;
}

/** Looked at this often even if the system announces nothing: some file systems never do. */
const pollMs = 1_000;
const stepBytes = 1 << 20;

/** @throws {TypeError} naming the option that is wrong. */
export function checkFollowOptions(options: FollowOptions): void {
  checkOptions(options);
  checkSignal(options.signal);
  if (options.onReset !== undefined) checkFunction("onReset", options.onReset);
}

/** Yields entries as they are appended, by any process. See `JsonlLog.follow`. */
export async function* followLog<T>(
  rules: CursorRules,
  options: FollowOptions,
): AsyncGenerator<LogEntry<T>, void, undefined> {
  const { signal } = options;
  const ended = (): boolean => signal?.aborted === true;
  const cursor = new LogCursor<T>(rules);
  cursor.startAt(options.from ?? 0);
  let found: LogEntry<T>[] = [];
  const sink = {
    apply: (_record: T, entry: LogEntry<T>): void => void found.push(entry),
    reset: (): void => {
      found = [];
      options.onReset?.();
    },
  };
  const changes = new DirectoryChanges(rules.path, signal);
  try {
    while (!ended()) {
      const seen = changes.count;
      await cursor.advance(sink, { maxBytes: stepBytes });
      const entries = found;
      found = [];
      for (const entry of entries) {
        if (ended()) return;
        yield entry;
      }
      if (entries.length === 0) await changes.after(seen);
    }
  } finally {
    changes.close();
  }
}

/** Tells when something happened to a file in its directory, or might have. */
class DirectoryChanges {
  count = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #watcher: ReturnType<typeof files.watch> | undefined;
  #wake: (() => void) | undefined;
  readonly #changed = (): void => {
    this.count += 1;
    this.#wake?.();
  };

  /** At once, and not when the iteration is asked for more: that may never be. */
  readonly #aborted = (): void => {
    this.close();
    this.#changed();
  };

  constructor(path: string, signal: AbortSignal | undefined) {
    this.#signal = signal;
    signal?.addEventListener("abort", this.#aborted, { once: true });
    try {
      const target = resolveTarget(path);
      const name = basename(target);
      this.#watcher = files.watch(dirname(target), (_event, changed) => {
        if (changed === null || changed === name) this.#changed();
      });
      this.#watcher.on("error", () => {}); // the poll goes on
    } catch {
      this.#watcher = undefined; // no watches left, or a file system without them: the poll does it
    }
  }

  /** Waits until the count is no longer `seen`, or long enough to look anyway. */
  async after(seen: number): Promise<void> {
    if (this.count !== seen) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  close(): void {
    this.#signal?.removeEventListener("abort", this.#aborted);
    this.#watcher?.close();
  }
}
