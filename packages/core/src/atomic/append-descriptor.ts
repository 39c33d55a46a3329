import { WriteFailedError } from "../errors.ts";
import { AppendFile } from "./append-file.ts";
import type { OpenForBatch } from "./append-batch.ts";

/** How long a descriptor stays open without work. */
const idleMs = 2_000;
/** How many may stay open without work; the one that rested longest goes first. */
const restingLimit = 32;
const resting = new Set<AppendDescriptor>();

/**
 * The open file of one engine, kept between batches and verified for each: a neighbour may have replaced the file.
 * Closed when idle, by a timer that keeps no process alive.
 */
export class AppendDescriptor {
  readonly #path: string;
  readonly #onIdle: () => void;
  #file: AppendFile | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(path: string, onIdle: () => void) {
    this.#path = path;
    this.#onIdle = onIdle;
  }

  readonly open: OpenForBatch = ((create: boolean): AppendFile | undefined => {
    this.#stopResting();
    if (this.#file !== undefined && !this.#isCurrent(this.#file)) this.retire();
    this.#file ??= AppendFile.open(this.#path, create);
    return this.#file;
  }) as OpenForBatch;

  /** No work is left for now: the descriptor may be closed after a while. */
  rest(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#end(), idleMs).unref();
    resting.add(this);
    if (resting.size <= restingLimit) return;
    const [longest] = resting;
    if (longest !== undefined) longest.#end();
  }

  #end(): void {
    this.#stopResting();
    this.retire();
    this.#onIdle();
  }

  #stopResting(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    resting.delete(this);
  }

  /** The next batch opens the file again; this descriptor closes when its last sync is done. */
  retire(): void {
    const file = this.#file;
    this.#file = undefined;
    file?.retire();
  }

  #isCurrent(file: AppendFile): boolean {
    try {
      return file.isCurrent();
    } catch (cause) {
      throw new WriteFailedError(this.#path, "append to", cause);
    }
  }
}
