import type { Acknowledgement, Report } from "./messages.ts";

/** What the workers of one run said they did: the side of the account that the files must match. */
export class Ledger {
  attempted = 0;
  acknowledged = 0;
  reads = 0;
  unreadableReads = 0;
  readonly failures: string[] = [];
  /** Acknowledged updates of the state file, by worker. */
  readonly stateUpdates = new Map<number, number>();
  /** Ids of the issues whose append was acknowledged. */
  readonly appendedIds = new Set<string>();
  readonly #durationsMs: number[] = [];
  #killedAtMs = Infinity;
  #nextEntryAtMs = Infinity;

  add(worker: number, report: Report): void {
    this.attempted += report.attempted;
    this.reads += report.reads;
    this.unreadableReads += report.unreadableReads;
    this.failures.push(...report.failures);
    for (const acknowledgement of report.acknowledgements) this.#acknowledge(worker, acknowledgement);
  }

  /** From now on the first update to get in is looked for. */
  noteKill(atMs: number): void {
    this.#killedAtMs = atMs;
  }

  /** Milliseconds from the kill until another worker got to a file; undefined if none did. */
  get handOverMs(): number | undefined {
    const waitedMs = this.#nextEntryAtMs - this.#killedAtMs;
    return Number.isFinite(waitedMs) ? waitedMs : undefined;
  }

  /** The duration that 99 of 100 acknowledged updates did not exceed. */
  get p99Ms(): number {
    const sorted = this.#durationsMs.toSorted((a, b) => a - b);
    return sorted[Math.max(Math.ceil(sorted.length * 0.99) - 1, 0)] ?? 0;
  }

  #acknowledge(worker: number, { target, sequence, durationMs, enteredAtMs }: Acknowledgement): void {
    this.acknowledged += 1;
    this.#durationsMs.push(durationMs);
    if (target === "state") this.stateUpdates.set(worker, (this.stateUpdates.get(worker) ?? 0) + 1);
    else this.appendedIds.add(`race-${worker}-${sequence}`);
    if (enteredAtMs > this.#killedAtMs) this.#nextEntryAtMs = Math.min(this.#nextEntryAtMs, enteredAtMs);
  }
}
