import { detectEra, type Surroundings } from "./era.ts";

const trustedMs = 1_000;

/** The surroundings of a directory, looked at again when the last look is a second old: somebody may upgrade bd meanwhile. */
export class EraWatch {
  readonly #directory: string;
  #seen: { readonly at: number; readonly found: Surroundings } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async look(): Promise<Surroundings> {
    const now = performance.now();
    if (this.#seen === undefined || now - this.#seen.at > trustedMs)
      this.#seen = { at: now, found: await detectEra(this.#directory) };
    return this.#seen.found;
  }
}
