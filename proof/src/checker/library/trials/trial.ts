import type { Chance } from "./chance.ts";

/** A history that is wrong by construction. */
export interface Corrupted<H> {
  readonly name: string;
  /** Undefined where the history has no place for it. */
  readonly corrupt: (history: H, chance: Chance) => H | undefined;
}

/** Right histories of one kind, wrong ones made of them, and the checker that must tell them apart. */
export interface Trial<H> {
  readonly name: string;
  readonly invent: (chance: Chance, length: number, clients: number) => H;
  readonly corruptions: readonly Corrupted<H>[];
  /** What is wrong, for people; undefined if nothing is. */
  readonly check: (history: H) => string | undefined;
}
