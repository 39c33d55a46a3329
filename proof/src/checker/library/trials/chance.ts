/** A number from 0 inclusive to 1 exclusive; give a seeded one to be able to repeat a run. */
export type Chance = () => number;

/** A whole number from `least` to `most`, both inclusive. */
export function between(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}

export function pick<T>(chance: Chance, from: readonly T[]): T | undefined {
  return from[between(chance, 0, from.length - 1)];
}

/**
 * Begin and end around the `at`th effect of a history, for one of several clients; undefined if it is busy then. A client
 * whose answer never came is not heard of again.
 */
export class Clients {
  readonly #chance: Chance;
  readonly #freeAt: number[];

  constructor(chance: Chance, clients: number) {
    this.#chance = chance;
    this.#freeAt = Array.from({ length: clients }, () => 0);
  }

  take(at: number): { client: string; begunAt: number; endedAt: number } | undefined {
    const effectAt = at * 10;
    const client = between(this.#chance, 0, this.#freeAt.length - 1);
    const free = this.#freeAt[client] ?? 0;
    if (free > effectAt) return undefined;
    const begunAt = Math.max(free, effectAt - between(this.#chance, 0, 40));
    const endedAt = this.#chance() < 0.05 ? Infinity : effectAt + between(this.#chance, 0, 40);
    this.#freeAt[client] = endedAt + 1;
    return { client: `client ${client}`, begunAt, endedAt };
  }
}
