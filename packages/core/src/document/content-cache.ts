import { ReadFailedError, TooLargeError } from "../errors.ts";
import { osCodeOf } from "../os-error.ts";
import { files } from "../platform/file-system.ts";
import { absentState, parseState, type DocumentState } from "./document-state.ts";
import { sameIdentity, SeenIdentity, type FileStats } from "./file-identity.ts";
import type { LoadedContent } from "./loaded-content.ts";
import { readBytes } from "./read-bytes.ts";
import type { Steps } from "./steps.ts";
import type { IntegerMode } from "./text/json-source.ts";

/** What reading is held to. */
export interface ReadLimits {
  readonly maxBytes: number;
  readonly maxDepth: number;
}

/**
 * The last content read of one file, and the proof that it still is the content.
 *
 * A state is trusted without reading only while the file has the identity it had and that identity is old enough to prove
 * something (`SeenIdentity`); otherwise the bytes are read again, and parsed only if they differ from those of the state.
 */
export class ContentCache {
  readonly #integers: IntegerMode;
  #state: DocumentState | undefined;
  #seen: SeenIdentity | undefined;
  #proven = false;

  constructor(integers: IntegerMode) {
    this.#integers = integers;
  }

  /** Bytes of memory the cached content stands for, roughly. */
  get size(): number {
    return this.#state?.bytes?.length ?? 0;
  }

  /** The cached state, if a file with these stats can only have this content. */
  peek(stats: FileStats): DocumentState | undefined {
    return this.#proven && this.#seen !== undefined && sameIdentity(this.#seen.stats, stats)
      ? this.#state
      : undefined;
  }

  /**
   * The content of the file now. `path` is resolved: no symbolic link. What is cached may exceed the limits: `checkLimits`.
   */
  *load(path: string, limits: ReadLimits, mayWait: boolean): Steps<DocumentState> {
    const stats = statOf(path);
    if (stats === undefined) return absentState;
    const known = this.peek(stats);
    if (known !== undefined) return known;
    const read = yield* readBytes(path, limits.maxBytes, mayWait);
    if (read === undefined) return absentState;
    const same = this.#state?.bytes?.equals(read.bytes) === true ? this.#state : undefined;
    const state =
      same ?? parseState(path, read.bytes, { maxDepth: limits.maxDepth, integers: this.#integers });
    this.#remember(state, read.stats, read.readFrom);
    return state;
  }

  /** The content of the file now, for the holder of the lock to change. */
  *loadToChange(path: string, limits: ReadLimits, mayWait: boolean): Steps<LoadedContent> {
    const state = yield* this.load(path, limits, mayWait);
    return { state, stats: state === absentState ? undefined : this.#seen?.stats };
  }

  /** Notes what the holder of the lock has just written. It is proven by reading it once more, later. Never throws. */
  adopt(path: string, state: DocumentState): void {
    this.drop();
    try {
      const stats = statOf(path);
      if (stats !== undefined) this.#remember(state, stats, -Infinity);
    } catch {
      // The change is made; only its cache is not.
    }
  }

  /** Forgets: after a failure nobody knows what the file holds. */
  drop(): void {
    this.#state = undefined;
    this.#seen = undefined;
    this.#proven = false;
  }

  #remember(state: DocumentState, stats: FileStats, readFrom: number): void {
    if (this.#seen === undefined || !sameIdentity(this.#seen.stats, stats))
      this.#seen = new SeenIdentity(stats);
    this.#state = state;
    this.#proven = this.#seen.proves(readFrom);
  }
}

/** Holds content that was read for someone else to one's own limits. @throws {TooLargeError} */
export function checkLimits(path: string, { bytes, source }: DocumentState, limits: ReadLimits): void {
  const size = bytes?.length ?? 0;
  if (size > limits.maxBytes) throw new TooLargeError(path, "maxBytes", limits.maxBytes, size);
  if (source === undefined || source.depthBound <= limits.maxDepth) return;
  const { depth } = source;
  if (depth > limits.maxDepth) throw new TooLargeError(path, "maxDepth", limits.maxDepth, depth);
}

/** Follows links, as opening does. Undefined where nothing is. @throws {ReadFailedError} */
export function statOf(path: string): FileStats | undefined {
  try {
    return files.statSync(path);
  } catch (cause) {
    if (osCodeOf(cause) === "ENOENT") return undefined;
    throw new ReadFailedError(path, cause);
  }
}
