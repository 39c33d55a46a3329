import { listDirectory, RevisionConflictError, tryAcquireLock } from "@flockwork/core";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { WriteOptions } from "./issue-log.ts";

/** The `--interval` that bd's daemon has by default. */
const defaultIntervalMs = 5_000;
/** How often a cycle may come between two of our tries before a write gives up. */
const mostTries = 4;

interface Line {
  readonly text: string;
}

/** A log, of a store or of a file. */
interface Rewritable<Entry extends Line, Rewritten, Receipt> {
  rewrite(
    rewrite: (entries: readonly Entry[]) => Rewritten | Promise<Rewritten>,
    options: WriteOptions,
  ): Promise<Receipt>;
  entries(): AsyncIterable<Line>;
}

/**
 * The daemon of bd up to 0.50. It looks for `.exclusive-lock` only when one of its cycles begins, and finishes one that is running:
 * what is written before that cycle ends, its export would replace. So a whole-file write beside it waits for one interval, under the
 * lock, and starts anew where the file is not what it was then.
 */
export class DaemonCycle {
  readonly #directory: string;
  readonly #intervalMs: number;

  constructor(directory: string, intervalMs: number = defaultIntervalMs) {
    if (!(intervalMs >= 0)) throw new TypeError(`daemonIntervalMs must be 0 or more, got ${intervalMs}`);
    this.#directory = directory;
    this.#intervalMs = intervalMs;
  }

  /** As `log.rewrite`, once no cycle of a daemon can be under way. */
  async rewrite<Entry extends Line, Rewritten, Receipt>(
    log: Rewritable<Entry, Rewritten, Receipt>,
    rewrite: (entries: readonly Entry[]) => Rewritten | Promise<Rewritten>,
    options: WriteOptions,
  ): Promise<Receipt> {
    for (let tries = 1; ; tries += 1) {
      let isAnother = false;
      try {
        return await log.rewrite(async (entries) => {
          if (await this.#isRunning()) {
            await this.#wait(options.signal);
            isAnother = !(await isStill(log, entries));
            if (isAnother) throw new RevisionConflictError("issues.jsonl", "before", "bd's daemon wrote it");
          }
          return await rewrite(entries);
        }, options);
      } catch (error) {
        if (!isAnother || tries >= mostTries) throw error;
      }
    }
  }

  /** As bd itself finds out: a daemon holds `daemon.lock` for as long as it lives. */
  async #isRunning(): Promise<boolean> {
    if (this.#intervalMs === 0) return false;
    const entries = listDirectory(this.#directory) ?? [];
    if (!entries.some(({ name, kind }) => name === "daemon.lock" && kind === "file")) return false;
    const probe = await tryAcquireLock(join(this.#directory, "daemon"), "exclusive", { layout: "sidecar" });
    await probe?.release();
    return probe === undefined;
  }

  async #wait(signal: AbortSignal | undefined): Promise<void> {
    try {
      await delay(this.#intervalMs, undefined, { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  }
}

/** Whether the log holds these entries and nothing else. */
async function isStill(log: { entries(): AsyncIterable<Line> }, entries: readonly Line[]): Promise<boolean> {
  let at = 0;
  for await (const { text } of log.entries()) {
    if (entries[at]?.text !== text) return false;
    at += 1;
  }
  return at === entries.length;
}
