/** Brings those who give and those who wait together, in the order in which they came. */
export class Handover<Item> {
  readonly #given: Item[] = [];
  readonly #waiting = new Set<(item: Item) => void>();

  give(item: Item): void {
    const [first] = this.#waiting;
    if (first === undefined) this.#given.push(item);
    else first(item);
  }

  /** @returns Undefined, where nothing was given for so long. */
  take(patienceMs: number): Promise<Item | undefined> {
    const item = this.#given.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      const end = (given?: Item): void => {
        clearTimeout(timer);
        this.#waiting.delete(end);
        resolve(given);
      };
      const timer = setTimeout(end, patienceMs);
      this.#waiting.add(end);
    });
  }
}
