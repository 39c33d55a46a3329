import { setImmediate } from "node:timers/promises";

/** Waits for others for as long as they get on: once nobody has moved for so long, waiting ends in an error that says so. */
export class Standstill {
  readonly #limitMs: number;
  #movedAt: number = performance.now();
  #longestMs = 0;
  #moved: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** The longest time between two moves. */
  get longestMs(): number {
    return this.#longestMs;
  }

  moved(): void {
    const now = performance.now();
    this.#longestMs = Math.max(this.#longestMs, now - this.#movedAt);
    this.#movedAt = now;
    this.#moved.resolve();
    this.#moved = Promise.withResolvers();
  }

  /** @throws {Error} nobody has moved for the limit. */
  async check(what: string): Promise<void> {
    if (this.#leftMs() > 0) return;
    await setImmediate(); // this process may have stood still itself: what came meanwhile counts
    if (this.#leftMs() <= 0) throw new Error(`${what}: nothing has moved for ${this.#limitMs} ms`);
  }

  /**
   * Settles once it is so; it is asked again at each move.
   * @throws {Error} nobody has moved for the limit.
   */
  async until(isSo: () => boolean, what: string): Promise<void> {
    for (;;) {
      const moved = this.#moved.promise; // one that comes while this looks counts, too
      if (isSo()) return;
      await this.check(what);
      await this.#soon(moved);
    }
  }

  /**
   * What the work comes to, which is a move itself.
   * @throws {Error} nobody has moved for the limit.
   */
  async settled<T>(work: Promise<T>, what: string): Promise<T> {
    let isSettled = false;
    const settling = work.finally(() => {
      isSettled = true;
      this.moved();
    });
    settling.catch(() => undefined);
    await this.until(() => isSettled, what);
    return await settling;
  }

  #leftMs(): number {
    return this.#limitMs - (performance.now() - this.#movedAt);
  }

  /** Settles at a move, or when there should have been one. */
  async #soon(moved: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.max(1, this.#leftMs() + 1));
    });
    await Promise.race([moved, late]);
    clearTimeout(timer);
  }
}
