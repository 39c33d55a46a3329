/** How a heap orders its items, and where each item keeps its seat: an item knows its place, so that it can be removed. */
export interface HeapRules<T> {
  readonly before: (one: T, other: T) => boolean;
  readonly seatOf: (item: T) => number;
  readonly sit: (item: T, seat: number) => void;
}

/** A binary heap whose items can be removed and moved wherever they are, in O(log n). Seat -1: not in the heap. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #rules: HeapRules<T>;

  constructor(rules: HeapRules<T>) {
    this.#rules = rules;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first in order. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** In no particular order. */
  items(): readonly T[] {
    return this.#items;
  }

  /** Adds an item, or moves one that is here to where its order now belongs. */
  put(item: T): void {
    const seat = this.#rules.seatOf(item);
    if (seat === -1) {
      this.#items.push(item);
      this.#rise(item, this.#items.length - 1);
    } else this.#sink(item, this.#rise(item, seat));
  }

  /** Takes an item out; one that is not here is left alone. */
  remove(item: T): void {
    const seat = this.#rules.seatOf(item);
    if (seat === -1) return;
    this.#rules.sit(item, -1);
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#rules.sit(last, seat);
    this.#sink(last, this.#rise(last, seat));
  }

  #rise(item: T, from: number): number {
    const { before, sit } = this.#rules;
    let seat = from;
    while (seat > 0) {
      const parentSeat = (seat - 1) >> 1;
      const parent = this.#items[parentSeat] as T;
      if (!before(item, parent)) break;
      this.#items[seat] = parent;
      sit(parent, seat);
      seat = parentSeat;
    }
    this.#items[seat] = item;
    sit(item, seat);
    return seat;
  }

  #sink(item: T, from: number): void {
    const { before, sit } = this.#rules;
    const items = this.#items;
    let seat = from;
    for (;;) {
      let childSeat = 2 * seat + 1;
      if (childSeat >= items.length) break;
      let child = items[childSeat] as T;
      const right = items[childSeat + 1];
      if (right !== undefined && before(right, child)) {
        childSeat += 1;
        child = right;
      }
      if (!before(child, item)) break;
      items[seat] = child;
      sit(child, seat);
      seat = childSeat;
    }
    items[seat] = item;
    sit(item, seat);
  }
}
