/** Numbers that follow from a seed alone (mulberry32), so that a run can be repeated. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Of one thing among many: the same, whatever else is tried, and in which order. */
  static of(seed: number, name: string): Random {
    let mixed = seed >>> 0;
    for (const character of name) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x0100_0193);
    return new Random(mixed);
  }

  /** From 0 inclusive to 1 exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from `least` to `most`, both inclusive. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(from: readonly T[]): T {
    const chosen = from[this.between(0, from.length - 1)];
    if (chosen === undefined) throw new RangeError("nothing to pick from");
    return chosen;
  }

  /** A new array in another order. */
  shuffled<T>(from: readonly T[]): T[] {
    const items = [...from];
    for (let at = items.length - 1; at > 0; at -= 1) {
      const other = this.between(0, at);
      const [one, two] = [items[at] as T, items[other] as T];
      items[at] = two;
      items[other] = one;
    }
    return items;
  }
}
