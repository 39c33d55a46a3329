import type { LogEntry } from "./log-entry.ts";

/** Damaged lines that a rewrite leaves in the file: behind which entry each stands, from the first entry on; -1: before all. */
export class KeptDamage<T> {
  readonly #behind = new Map<number, Buffer[]>();

  /** @param line - Its bytes, with the newline. They are copied: a block of the file need not stay for one of its lines. */
  add(behindEntry: number, line: Buffer): void {
    const lines = this.#behind.get(behindEntry) ?? [];
    lines.push(Buffer.from(line));
    this.#behind.set(behindEntry, lines);
  }

  get isEmpty(): boolean {
    return this.#behind.size === 0;
  }

  /**
   * Where the lines stand when some entries are gone: behind the nearest earlier one that stays; undefined: before all.
   */
  among(entries: readonly LogEntry<T>[], staying: ReadonlySet<unknown>): Map<unknown, Buffer> {
    const placed = new Map<unknown, Buffer[]>();
    let place: LogEntry<T> | undefined;
    for (let at = -1; at < entries.length; at += 1) {
      if (staying.has(entries[at])) place = entries[at];
      const lines = this.#behind.get(at);
      if (lines !== undefined) placed.set(place, [...(placed.get(place) ?? []), ...lines]);
    }
    return new Map([...placed].map(([entry, lines]) => [entry, Buffer.concat(lines)]));
  }
}
