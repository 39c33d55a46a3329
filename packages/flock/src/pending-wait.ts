import type { FlockWait, WaitEnd } from "./binding.ts";

/** The part of a wait that every binding shares: how it tells that it is over. */
export class PendingWait {
  #end: WaitEnd | undefined;
  #listener: ((end: WaitEnd) => void) | undefined;
  #granted: PromiseWithResolvers<boolean> | undefined;

  /** How the wait ended; undefined while it goes on. */
  get ended(): WaitEnd | undefined {
    return this.#end;
  }

  settle(end: WaitEnd): void {
    this.#end = end;
    if (this.#granted !== undefined) fulfil(this.#granted, end);
    this.#listener?.(end);
  }

  /** The wait as its caller sees it. */
  face(cancel: () => void, cancelSync: FlockWait["cancelSync"]): FlockWait {
    const promised = (): Promise<boolean> => this.#promised();
    return {
      get granted() {
        return promised();
      },
      onEnd: (listener) => {
        if (this.#end === undefined) this.#listener = listener;
        else listener(this.#end);
      },
      cancel,
      cancelSync,
    };
  }

  #promised(): Promise<boolean> {
    if (this.#granted === undefined) {
      this.#granted = Promise.withResolvers();
      if (this.#end !== undefined) fulfil(this.#granted, this.#end);
    }
    return this.#granted.promise;
  }
}

function fulfil({ resolve, reject }: PromiseWithResolvers<boolean>, end: WaitEnd): void {
  if (typeof end === "boolean") resolve(end);
  else reject(end);
}
